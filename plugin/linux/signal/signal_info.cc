#include "plugin/linux/signal/signal_info.h"

#include <string>

namespace faultline::os {

const char* SignalName(int signo) {
  static constexpr const char* kNames[] = {
      "0",        "SIGHUP",   "SIGINT",    "SIGQUIT",  "SIGILL",    "SIGTRAP",
      "SIGABRT",  "SIGBUS",   "SIGFPE",    "SIGKILL",  "SIGUSR1",   "SIGSEGV",
      "SIGUSR2",  "SIGPIPE",  "SIGALRM",   "SIGTERM",  "SIGSTKFLT", "SIGCHLD",
      "SIGCONT",  "SIGSTOP",  "SIGTSTP",   "SIGTTIN",  "SIGTTOU",   "SIGURG",
      "SIGXCPU",  "SIGXFSZ",  "SIGVTALRM", "SIGPROF",  "SIGWINCH",  "SIGIO",
      "SIGPWR",   "SIGSYS",   "SIGRTMIN",  "SIGRT_1",  "SIGRT_2",   "SIGRT_3",
      "SIGRT_4",  "SIGRT_5",  "SIGRT_6",   "SIGRT_7",  "SIGRT_8",   "SIGRT_9",
      "SIGRT_10", "SIGRT_11", "SIGRT_12",  "SIGRT_13", "SIGRT_14",  "SIGRT_15",
      "SIGRT_16", "SIGRT_17", "SIGRT_18",  "SIGRT_19", "SIGRT_20",  "SIGRT_21",
      "SIGRT_22", "SIGRT_23", "SIGRT_24",  "SIGRT_25", "SIGRT_26",  "SIGRT_27",
      "SIGRT_28", "SIGRT_29", "SIGRT_30",  "SIGRT_31", "SIGRT_32"};
  static_assert(sizeof kNames / sizeof kNames[0] == kSigMax + 1);
  return signo < 0 || signo > kSigMax ? "SIG?" : kNames[signo];
}

int SignalOf(std::string_view name) {
  for (int signo = 1; signo <= kSigMax; ++signo) {
    const std::string_view full = SignalName(signo);
    if (name == full || name == full.substr(3) ||
        name == std::to_string(signo)) {
      return signo;
    }
  }
  return 0;
}

}  // namespace faultline::os
