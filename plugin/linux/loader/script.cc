#include "plugin/linux/loader/script.h"

namespace faultline::os {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view TrimLeft(std::string_view s) {
  const size_t first = s.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view() : s.substr(first);
}

std::string_view TrimRight(std::string_view s) {
  return s.substr(0, s.find_last_not_of(kBlanks) + 1);
}

}  // namespace

ErrnoOr<std::optional<ScriptLine>> ParseScript(std::string_view head) {
  if (!head.starts_with("#!")) {
    return std::optional<ScriptLine>();
  }
  const size_t newline = head.find('\n');
  const bool cut_off =
      newline == std::string_view::npos && head.size() == kScriptHead;
  std::string_view line = head.substr(0, newline).substr(2);
  line = TrimLeft(line.substr(0, line.find('\0')));
  const size_t end = line.find_first_of(kBlanks);
  if (cut_off && end == std::string_view::npos) {
    return Errno::kENOEXEC;  // the name may go on beyond what was read
  }
  ScriptLine script;
  script.interpreter = std::string(line.substr(0, end));
  if (script.interpreter.empty()) {
    return Errno::kENOEXEC;
  }
  if (end != std::string_view::npos) {
    const std::string_view rest = TrimRight(TrimLeft(line.substr(end)));
    if (!rest.empty()) {
      script.argument = std::string(rest);
    }
  }
  return std::optional<ScriptLine>(std::move(script));
}

}  // namespace faultline::os
