// /proc/PID/limits. Linux: proc_pid_limits() in fs/proc/base.c.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/linux/fs/proc/pid_text.h"
#include "plugin/linux/task/process.h"

namespace faultline::os {
namespace {

struct LimitName {
  const char* name;
  const char* unit;
};
// By resource number.
constexpr LimitName kNames[kRlimitCount] = {
    {"Max cpu time", "seconds"},     {"Max file size", "bytes"},
    {"Max data size", "bytes"},      {"Max stack size", "bytes"},
    {"Max core file size", "bytes"}, {"Max resident set", "bytes"},
    {"Max processes", "processes"},  {"Max open files", "files"},
    {"Max locked memory", "bytes"},  {"Max address space", "bytes"},
    {"Max file locks", "locks"},     {"Max pending signals", "signals"},
    {"Max msgqueue size", "bytes"},  {"Max nice priority", ""},
    {"Max realtime priority", ""},   {"Max realtime timeout", "us"},
};

std::string LimitText(uint64_t limit) {
  return limit == kRlimInfinity ? "unlimited" : absl::StrCat(limit);
}

}  // namespace

ErrnoOr<std::string> ShowPidLimits(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Process> process, ref.process());
  std::string text = absl::StrFormat("%-25s %-20s %-20s %-10s\n", "Limit",
                                     "Soft Limit", "Hard Limit", "Units");
  for (int i = 0; i < kRlimitCount; ++i) {
    const Rlimit& limit = process->rlimits[size_t(i)];
    absl::StrAppendFormat(&text, "%-25s %-20s %-20s ", kNames[i].name,
                          LimitText(limit.soft), LimitText(limit.hard));
    if (kNames[i].unit[0] != '\0') {
      absl::StrAppendFormat(&text, "%-10s\n", kNames[i].unit);
    } else {
      text += '\n';
    }
  }
  return text;
}

}  // namespace faultline::os
