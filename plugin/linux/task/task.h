#ifndef FAULTLINE_PLUGIN_LINUX_TASK_TASK_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_TASK_H_

// Task: one guest thread. Linux: struct task_struct. A Process (thread group)
// owns what its threads share; a Task has its registers, its signal mask and
// its actor.

#include <cstdint>
#include <memory>
#include <string>

#include "guest_mm/sync/scheduler.h"
#include "plugin/engine/cpu.h"
#include "plugin/linux/task/credentials.h"
#include "plugin/linux/user_memory.h"

namespace faultline::os {

class Abi;
class FdTable;
class FsContext;
class Kernel;
class Process;

class Task {
 public:
  ~Task();
  int tid() const { return tid_; }
  Kernel& kernel() { return kernel_; }
  Process& process() { return *process_; }
  // The architecture's calling conventions and structure layouts.
  const Abi& abi() const { return abi_; }
  mm::AddressSpace& mm() { return *mm_; }
  UserMemory user() { return UserMemory(*mm_); }
  FdTable& files() { return *files_; }
  FsContext& fs() { return *fs_; }
  Credentials& cred() { return cred_; }

  // True if a signal is pending that the task does not block: what an
  // interruptible wait looks at.
  bool SignalPending() const;
  bool FatalSignalPending() const;

 private:
  friend class Process;
  Task(Kernel& kernel, const Abi& abi, int tid);

  Kernel& kernel_;
  const Abi& abi_;
  int tid_;
  std::shared_ptr<Process> process_;
  std::shared_ptr<mm::AddressSpace> mm_;
  std::shared_ptr<FdTable> files_;
  std::shared_ptr<FsContext> fs_;
  Credentials cred_;
  mm::Actor* actor_ = nullptr;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_TASK_H_
