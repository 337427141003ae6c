#include "tests/differential/driver/reproducer.h"

#include <cctype>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace faultline::differential {
namespace {

constexpr const char* kHeaders[] = {
    "newer.h",  "world.h",   "text.h",       "maps.h",    "look.h",
    "random.h", "manager.h", "uffd_calls.h", "actions.h", "observe.h"};

// The header's text less its includes of the project's own.
absl::StatusOr<std::string> Inline(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return absl::NotFoundError(absl::StrCat("no ", path));
  }
  std::string text;
  for (std::string line; std::getline(file, line);) {
    if (!absl::StartsWith(line, "#include \"")) {
      absl::StrAppend(&text, line, "\n");
    }
  }
  return text;
}

// The process tree's state after the steps: Finish() must know who lives.
std::string Alive(const Trace& trace) {
  std::vector<std::string> alive = {"true", "false", "false", "false"};
  for (const std::string& line : trace) {
    for (size_t slot = 1; slot < alive.size(); slot++) {
      if (absl::StrContains(line, absl::StrCat(" Fork(0x", slot, ")"))) {
        alive[slot] = "true";
      } else if (absl::StrContains(line, absl::StrCat(" End(0x", slot, ")"))) {
        alive[slot] = "false";
      }
    }
  }
  return absl::StrCat("{", alive[0], ", ", alive[1], ", ", alive[2], ", ",
                      alive[3], "}");
}

}  // namespace

std::string Statement(absl::string_view line) {
  if (line.empty() || !std::isdigit(static_cast<unsigned char>(line[0]))) {
    return "";
  }
  std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::MaxSplits(' ', 2));
  size_t end = words.size() == 3 ? words[2].find(") = ") : std::string::npos;
  if (end == std::string::npos) {
    return "";
  }
  std::string call(words[2].substr(0, end + 1));
  if (std::islower(static_cast<unsigned char>(call[0]))) {
    size_t open = call.find('(');
    bool arguments = call[open + 1] != ')';
    call = absl::StrCat("syscall(SYS_", call.substr(0, open),
                        arguments ? ", " : "", call.substr(open + 1));
  }
  return absl::StrCat("STEP(", words[0], ", ", words[1], ", ", call, ")");
}

absl::StatusOr<std::string> Reproducer(const std::string& sources, World world,
                                       uint64_t seed, const Trace& trace) {
  std::string text =
      "// cc -D_GNU_SOURCE -static reproducer.c; compare what it prints here\n"
      "// and there. The steps are at the end.\n\n";
  for (const char* header : kHeaders) {
    absl::StatusOr<std::string> inlined =
        Inline(absl::StrCat(sources, "/tests/differential/guest/", header));
    if (!inlined.ok()) {
      return inlined.status();
    }
    absl::StrAppend(&text, *inlined);
  }
  absl::StrAppend(&text,
                  "\nint main(void) {\n  verbose = true;\n  answers = ", seed,
                  ";\n  MakeWorld(",
                  world == World::kHugePages    ? "kHugePages"
                  : world == World::kUserfaults ? "kUserfaults"
                                                : "kSmallPages",
                  ", ", seed % 2 == 0 ? "true" : "false", ");\n");
  for (const std::string& line : trace) {
    std::string statement = Statement(line);
    if (!statement.empty()) {
      absl::StrAppend(&text, "  ", statement, ";\n");
    }
  }
  absl::StrAppend(&text, "  const bool alive[kProcesses] = ", Alive(trace),
                  ";\n  Finish(alive);\n}\n");
  return text;
}

}  // namespace faultline::differential
