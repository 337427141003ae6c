#ifndef FAULTLINE_PLUGIN_LINUX_DEBUGGER_H_
#define FAULTLINE_PLUGIN_LINUX_DEBUGGER_H_

// Debugger: a debugger of the machine's, outside it. Unlike an observer it may
// keep the machine standing, for it is called on the one thread that all of it
// runs on, and change what it is shown. The machine's time stands meanwhile.
//
// All is called on the task's fiber with its registers loaded, and must leave
// them so.

#include <cstdint>
#include <optional>

#include "guest_mm/fault/fault.h"
#include "plugin/engine/trap.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {

class Task;

enum class SyscallEdge : uint8_t { kEnter, kReturn };

class Debugger {
 public:
  virtual ~Debugger() = default;
  // Runs the task in user mode, in place of Cpu::Run(): with the same blocks
  // counted, and the same trap in the end.
  virtual engine::Trap RunUser(Task& task, uint64_t max_blocks) = 0;
  // One instruction, in place of Cpu::Step().
  virtual engine::Trap StepUser(Task& task) = 0;
  // A signal other than SIGKILL has been taken and is about to be dealt with.
  // Returns what is, or nothing.
  virtual std::optional<SigInfo> OnSignal(Task& task, const SigInfo& info) = 0;
  // Before the call is made; after it, with the result in the registers.
  virtual void OnSyscall(Task& task, uint64_t number, SyscallEdge edge) = 0;
  // `child` has been made and has not run. `flags`: CLONE_*.
  virtual void OnClone(Task& parent, Task& child, uint64_t flags) = 0;
  // The child of a vfork has let go of the memory.
  virtual void OnVforkDone(Task& parent) = 0;
  // It has become another program, at whose first instruction it stands.
  virtual void OnExec(Task& task, int old_tid) = 0;
  // A page fault in user mode has been dealt with.
  virtual void OnFault(Task& task, const mm::Fault& fault,
                       const mm::PageFaultOutcome& outcome) = 0;
  // The last thread of a process is going; its memory is still there, and its
  // exit code is as wait(2) will tell it.
  virtual void OnExit(Task& task) = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_DEBUGGER_H_
