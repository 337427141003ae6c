#ifndef FAULTLINE_PLUGIN_LINUX_PTRACE_PTRACE_ARCH_H_
#define FAULTLINE_PLUGIN_LINUX_PTRACE_PTRACE_ARCH_H_

// PtraceArch: where tracing differs by architecture: register sets, requests of
// its own, what registers show at a stop. Linux: arch/*/kernel/ptrace.c. One
// stateless object each. The traced thread stands, held by its request.

#include <cstdint>

#include "absl/types/span.h"
#include "plugin/engine/registers.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

// struct user_regset: what PTRACE_GETREGSET calls NT_*. A set may be given a
// beginning of it only; then the rest stays.
struct Regset {
  uint32_t type;
  uint32_t unit;   // a transfer is a multiple of it
  uint32_t bytes;  // of all
  ErrnoOr<Done> (*get)(Task& task, absl::Span<std::byte> out);
  // Nothing has changed on error.
  ErrnoOr<Done> (*set)(Task& task, absl::Span<const std::byte> in);
};

// PTRACE_SYSCALL_INFO_*, and what PTRACE_GETEVENTMSG says.
enum class SyscallStop : uint8_t { kEntry = 1, kExit = 2 };

// A request of ptrace(2), checked.
struct PtraceCall {
  Task& tracer;
  Task& task;
  int64_t request;
  uint64_t addr;
  uint64_t data;
};

class PtraceArch {
 public:
  virtual ~PtraceArch() = default;
  static const PtraceArch& Of(engine::Arch arch);

  virtual absl::Span<const Regset> regsets() const = 0;
  // AUDIT_ARCH_*.
  virtual uint32_t audit_arch() const = 0;
  // Requests that only this architecture has. kEIO: there is no such.
  virtual SyscallResult Request(const PtraceCall& call) const = 0;

  // Around a stop at a system call, with the task's registers loaded: makes
  // them what a tracer sees, and puts back what was only for it.
  virtual uint64_t BeginSyscallStop(Task& task, SyscallStop which) const = 0;
  virtual void EndSyscallStop(Task& task, uint64_t kept) const = 0;
  // A system call was stepped over: the SIGTRAP that tells of it.
  virtual SigInfo StepOverCall(Task& task) const = 0;
  // Before a stop on the way to user mode, with registers loaded: a call that
  // is to be made again may have been backed up to already.
  virtual void BeginSignalStop(Task& task) const = 0;
};

// The call that a stopped thread is in, or -1. x86: orig_rax.
int64_t CallNumberOf(const Task& task);
// Reads what the tracer gives for a register set and sets it, or the other way.
// kEFAULT, and what Regset::set says.
ErrnoOr<Done> GetRegset(const PtraceCall& call, const Regset& set,
                        uint64_t user, uint64_t bytes);
ErrnoOr<Done> SetRegset(const PtraceCall& call, const Regset& set,
                        uint64_t user, uint64_t bytes);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_PTRACE_PTRACE_ARCH_H_
