#include "plugin/inject/sweep_judge.h"

#include <sys/wait.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::inject {

Result Judge(const Message& m, const RunEnd& baseline) {
  Result r{m.experiment, End::kSame, m.run, ""};
  if (m.failure != Message::Failure::kNone) {
    r.end = m.failure == Message::Failure::kBug ? End::kInvariant : End::kCrash;
    r.detail = m.Text();
  } else if (m.limit != Limit::kKept) {
    r.end = m.limit == Limit::kLivelock ? End::kLivelock : End::kHang;
    r.detail = m.limit == Limit::kDeadlock ? "deadlock" : "";
  } else if (m.run.killed &&
             !(baseline.killed && baseline.code == m.run.code)) {
    r.end = End::kSignal;
  } else if (m.run.killed == baseline.killed && m.run.code == baseline.code) {
    r.end = m.run.output == baseline.output ? End::kSame : End::kSilent;
  } else {
    r.end = m.run.code != 0 ? End::kCleanError : End::kSilent;
  }
  return r;
}

Result JudgeDead(const Message& died, const Message* report) {
  Result r{died.experiment, End::kCrash, {}, ""};
  if (report != nullptr) {
    r.run = report->run;
  }
  const int signo = WIFSIGNALED(died.status) ? WTERMSIG(died.status) : 0;
  if (signo == SIGPROF) {
    r.end = End::kHang;
    r.detail = "the machine itself did not end";
  } else if (report != nullptr && signo == SIGABRT) {
    r.end = End::kInvariant;
  } else {
    r.detail = signo != 0 ? absl::StrCat("killed by ", os::SignalName(signo))
                          : absl::StrCat("status ", died.status);
  }
  return r;
}

}  // namespace faultline::inject
