#include "plugin/linux/task/rusage.h"

#include <algorithm>

#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kNsPerTick = 10'000'000;  // USER_HZ is 100

Timeval ToTimeval(uint64_t ns) {
  return {int64_t(ns / kNsPerSec), int64_t(ns % kNsPerSec / 1000)};
}

struct Tms {
  int64_t user, system, children_user, children_system;
};

}  // namespace

Rusage RusageOf(const Process& p, RusageScope scope) {
  Rusage r;
  uint64_t user = 0, system = 0, rss = 0;
  if (scope != RusageScope::kChildren) {
    user += p.TotalUserNs();
    system += p.TotalSystemNs();
    r.minor_faults += int64_t(p.minor_faults);
    r.major_faults += int64_t(p.major_faults);
    rss = p.max_rss_pages;
    for (Task* t : p.threads) {
      r.voluntary_switches += int64_t(t->voluntary_switches);
      r.involuntary_switches += int64_t(t->involuntary_switches);
      if (!t->exited()) {
        rss = std::max(
            {rss, t->mm().hiwater_rss.value(), t->mm().rss.total().value()});
      }
    }
  }
  if (scope != RusageScope::kSelf) {
    user += p.children_user_ns;
    system += p.children_system_ns;
    r.minor_faults += int64_t(p.children_minor_faults);
    r.major_faults += int64_t(p.children_major_faults);
    rss = std::max(rss, p.children_max_rss_pages);
  }
  r.user_time = ToTimeval(user);
  r.system_time = ToTimeval(system);
  r.max_rss_kib = int64_t(rss * 4);
  return r;
}

SyscallResult SysGetrusage(Task& task, const SyscallArgs& args) {
  Rusage r;
  switch (args.Int(0)) {
    case 0:  // RUSAGE_SELF
      r = RusageOf(task.process(), RusageScope::kSelf);
      break;
    case -1:  // RUSAGE_CHILDREN
      r = RusageOf(task.process(), RusageScope::kChildren);
      break;
    case 1:  // RUSAGE_THREAD
      r = RusageOf(task.process(), RusageScope::kSelf);
      r.user_time = ToTimeval(task.user_ns);
      r.system_time = ToTimeval(task.system_ns);
      break;
    default:
      return Errno::kEINVAL;
  }
  FL_TRY(task.user().Put(args.Ptr(1), r));
  return 0;
}

SyscallResult SysTimes(Task& task, const SyscallArgs& args) {
  const Process& p = task.process();
  if (args.Ptr(0) != 0) {
    const Tms tms{int64_t(p.TotalUserNs() / kNsPerTick),
                  int64_t(p.TotalSystemNs() / kNsPerTick),
                  int64_t(p.children_user_ns / kNsPerTick),
                  int64_t(p.children_system_ns / kNsPerTick)};
    FL_TRY(task.user().Put(args.Ptr(0), tms));
  }
  return task.kernel().now().ns() / kNsPerTick;
}

}  // namespace faultline::os
