#include "plugin/linux/task/oom_killer.h"

#include <memory>
#include <optional>

#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// Between two looks at what a victim has given back.
constexpr uint64_t kWaitNs = 1'000'000;
// Then it is stuck, and somebody else must die (oom_reap_task()).
constexpr int kMostWaits = 100;

std::shared_ptr<mm::AddressSpace> MemoryOf(const Process& process) {
  return process.threads.empty() ? nullptr : process.threads.front()->shared.mm;
}

Task* Asking() {
  const mm::Actor* const actor = mm::Scheduler::Current();
  return actor == nullptr ? nullptr : static_cast<Task*>(actor->owner());
}

}  // namespace

// select_bad_process(): of equals, who came last.
OomKiller::Choice OomKiller::Select() const {
  Choice worst;
  if (kernel_.memory().sysctl().oom_kill_allocating_task) {
    Task* const asked = Asking();
    if (asked != nullptr && !asked->process().exiting &&
        asked->process().oom_score_adj != -1000) {
      return {&asked->process(), 0};
    }
  }
  for (const auto& [pid, process] : kernel_.processes().processes()) {
    const std::shared_ptr<mm::AddressSpace> memory = MemoryOf(*process);
    if (memory == nullptr || process->exiting) {
      continue;
    }
    const std::optional<int64_t> points =
        mm::OomBadness(*memory, process->oom_score_adj);
    if (points.has_value() &&
        (worst.process == nullptr || *points >= worst.points)) {
      worst = {process.get(), *points};
    }
  }
  return worst;
}

// A victim that still has something to give.
Process* OomKiller::Dying() const {
  for (const auto& [pid, process] : kernel_.processes().processes()) {
    const std::shared_ptr<mm::AddressSpace> memory = MemoryOf(*process);
    if (process->exiting && memory != nullptr && !memory->oom_skip) {
      return process.get();
    }
  }
  return nullptr;
}

bool OomKiller::OutOfMemory(const mm::FailedAllocation& what) {
  if (Process* const dying = Dying()) {
    return Await(*dying);
  }
  const Choice worst = Select();
  if (worst.process == nullptr) {
    return false;  // Linux panics
  }
  waits_ = 0;
  Kill({*worst.process, Asking(), what, worst.points});
  return Await(*worst.process);
}

// __oom_kill_process().
void OomKiller::Kill(const OomKill& kill) {
  ++kernel_.memory().reclaim_counters().oom_kill;
  mm::Trace& trace = kernel_.trace();
  if (trace.on(mm::TraceKind::kTask)) {
    const mm::TraceField fields[] = {
        mm::TraceField::Dec("pid", uint64_t(kill.victim.pid())),
        mm::TraceField::Dec("asked_by", kill.asked == nullptr
                                            ? 0
                                            : uint64_t(kill.asked->tid())),
        mm::TraceField::Text("site", mm::ToString(kill.what.purpose)),
        mm::TraceField::Dec("order", uint64_t(kill.what.order))};
    trace.Emit(mm::TraceKind::kTask, "oom_kill", fields);
  }
  if (kernel_.observer() != nullptr) {
    kernel_.observer()->OnOomKill(kill);
  }
  const std::shared_ptr<mm::AddressSpace> memory = MemoryOf(kill.victim);
  const auto all = kernel_.processes().processes();
  for (const auto& [pid, process] : all) {
    if (MemoryOf(*process) == memory) {
      BeginGroupExit(*process, kSigKill);
    }
  }
}

// True: there is more memory now, or time has passed. False: it is ourselves,
// who may use the reserve on the way out.
bool OomKiller::Await(Process& victim) {
  Task* const asked = Asking();
  if (asked == nullptr || asked->process().exiting) {
    return false;
  }
  const std::shared_ptr<mm::AddressSpace> memory = MemoryOf(victim);
  if (memory != nullptr && !mm::OomReap(*memory) && ++waits_ > kMostWaits) {
    memory->oom_skip = true;
  }
  // The victim has its tables, files and shared memory to give back yet.
  mm::Scheduler& scheduler = kernel_.scheduler();
  (void)scheduler.Sleep(scheduler.now() + kWaitNs,
                        mm::Interruptible::kKillable);
  return true;
}

}  // namespace faultline::os
