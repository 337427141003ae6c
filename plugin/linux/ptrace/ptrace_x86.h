#ifndef FAULTLINE_PLUGIN_LINUX_PTRACE_PTRACE_X86_H_
#define FAULTLINE_PLUGIN_LINUX_PTRACE_PTRACE_X86_H_

// Linux: arch/x86/kernel/ptrace.c. See ptrace_arch.h.

#include "plugin/linux/ptrace/ptrace_arch.h"

namespace faultline::os {

class PtraceX86 final : public PtraceArch {
 public:
  absl::Span<const Regset> regsets() const override;
  uint32_t audit_arch() const override;
  SyscallResult Request(const PtraceCall& call) const override;
  uint64_t BeginSyscallStop(Task& task, SyscallStop which) const override;
  void EndSyscallStop(Task& task, uint64_t kept) const override;
  SigInfo StepOverCall(Task& task) const override;
  void BeginSignalStop(Task& task) const override;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_PTRACE_PTRACE_X86_H_
