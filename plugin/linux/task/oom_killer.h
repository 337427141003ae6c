#ifndef FAULTLINE_PLUGIN_LINUX_TASK_OOM_KILLER_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_OOM_KILLER_H_

// OomKiller: picks a process to die when the machine is out of memory, and
// waits for what that frees. Linux: mm/oom_kill.c out_of_memory().
//
// Life of a kill: the process with most points (mm::OomBadness()) gets SIGKILL,
// as do those that share its memory -> what only they use is taken at once, if
// their mmap_lock allows (the oom_reaper) -> who wanted memory tries again. A
// victim that gives nothing back for a while is passed over.

#include "guest_mm/reclaim/oom.h"

namespace faultline::os {

class Kernel;
class Process;
class Task;

// One kill, for reports.
struct OomKill {
  Process& victim;
  Task* asked = nullptr;  // whose allocation it was; null: no task's
  mm::FailedAllocation what;
  int64_t points = 0;
};

class OomKiller final : public mm::OomHandler {
 public:
  explicit OomKiller(Kernel& kernel) : kernel_(kernel) {}

  bool OutOfMemory(const mm::FailedAllocation& what) override;

 private:
  struct Choice {
    Process* process = nullptr;
    int64_t points = 0;
  };
  Choice Select() const;
  Process* Dying() const;
  void Kill(const OomKill& kill);
  bool Await(Process& victim);

  Kernel& kernel_;
  int waits_ = 0;  // for the victim that is dying
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_OOM_KILLER_H_
