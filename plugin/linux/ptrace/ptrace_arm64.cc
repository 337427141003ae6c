#include "plugin/linux/ptrace/ptrace_arm64.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "arch_arm64/registers.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/abi_arm64_mte.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/ptrace/mte_tags.h"
#include "plugin/linux/signal/deliver.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using arm64::Registers;

// struct user_pt_regs.
struct UserPtRegs {
  uint64_t x[31];
  uint64_t sp, pc, pstate;
};
static_assert(sizeof(UserPtRegs) == 272);

// struct user_fpsimd_state.
struct UserFpsimdState {
  uint64_t v[32][2];
  uint32_t fpsr, fpcr, reserved[2];
};
static_assert(sizeof(UserFpsimdState) == 528);

constexpr uint64_t kModeMask = 0x1f, kDaif = 0x3c0;
constexpr int kShownAtSyscall = 7;  // which of the two stops it is, is in x7

Registers ReadOf(Task& task) {
  LoadTask(task);
  return std::get<Registers>(task.kernel().cpu().ReadRegisters());
}

void WriteOf(Task& task, const Registers& r) {
  LoadTask(task);
  task.kernel().cpu().WriteRegisters(r);
}

ErrnoOr<Done> GetGeneral(Task& task, absl::Span<std::byte> out) {
  const Registers r = ReadOf(task);
  UserPtRegs u;
  std::memcpy(u.x, r.x.data(), sizeof u.x);
  u.sp = r.sp;
  u.pc = r.pc;
  u.pstate = r.pstate;
  std::memcpy(out.data(), &u, sizeof u);
  return kDone;
}

ErrnoOr<Done> SetGeneral(Task& task, absl::Span<const std::byte> in) {
  Registers r = ReadOf(task);
  UserPtRegs u;
  std::memcpy(u.x, r.x.data(), sizeof u.x);
  u.sp = r.sp;
  u.pc = r.pc;
  u.pstate = r.pstate;
  std::memcpy(&u, in.data(), in.size());
  if ((u.pstate & (kModeMask | kDaif)) != 0) {
    return Errno::kEINVAL;  // valid_user_regs()
  }
  std::memcpy(r.x.data(), u.x, sizeof u.x);
  r.sp = u.sp;
  r.pc = u.pc;
  r.pstate = u.pstate;
  WriteOf(task, r);
  return kDone;
}

ErrnoOr<Done> GetFloat(Task& task, absl::Span<std::byte> out) {
  const Registers r = ReadOf(task);
  UserFpsimdState u{};
  std::memcpy(u.v, r.v.data(), sizeof u.v);
  u.fpsr = r.fpsr;
  u.fpcr = r.fpcr;
  std::memcpy(out.data(), &u, sizeof u);
  return kDone;
}

ErrnoOr<Done> SetFloat(Task& task, absl::Span<const std::byte> in) {
  Registers r = ReadOf(task);
  UserFpsimdState u{};
  std::memcpy(u.v, r.v.data(), sizeof u.v);
  u.fpsr = r.fpsr;
  u.fpcr = r.fpcr;
  std::memcpy(&u, in.data(), in.size());
  std::memcpy(r.v.data(), u.v, sizeof u.v);
  r.fpsr = u.fpsr;
  r.fpcr = u.fpcr;
  WriteOf(task, r);
  return kDone;
}

// TPIDR_EL0, and zero for TPIDR2_EL0, which comes with SME.
ErrnoOr<Done> GetTls(Task& task, absl::Span<std::byte> out) {
  const uint64_t words[2] = {ReadOf(task).tpidr_el0, 0};
  std::memcpy(out.data(), words, sizeof words);
  return kDone;
}

ErrnoOr<Done> SetTls(Task& task, absl::Span<const std::byte> in) {
  Registers r = ReadOf(task);
  std::memcpy(&r.tpidr_el0, in.data(), std::min(in.size(), sizeof(uint64_t)));
  WriteOf(task, r);
  return kDone;
}

ErrnoOr<Done> GetCall(Task& task, absl::Span<std::byte> out) {
  const auto number = int32_t(CallNumberOf(task));
  std::memcpy(out.data(), &number, sizeof number);
  return kDone;
}

ErrnoOr<Done> SetCall(Task& task, absl::Span<const std::byte> in) {
  auto number = int32_t(CallNumberOf(task));
  std::memcpy(&number, in.data(), in.size());
  task.run.call_number = uint64_t(int64_t{number});
  return kDone;
}

ErrnoOr<Done> GetTagged(Task& task, absl::Span<std::byte> out) {
  std::memcpy(out.data(), &task.tagged_addr_ctrl, sizeof(uint64_t));
  return kDone;
}

ErrnoOr<Done> SetTagged(Task& task, absl::Span<const std::byte> in) {
  uint64_t ctrl = task.tagged_addr_ctrl;
  std::memcpy(&ctrl, in.data(), in.size());
  if ((ctrl & ~kTaggedAddrCtrlBits) != 0) {
    return Errno::kEINVAL;
  }
  LoadTask(task);
  SetTaggedAddrCtrl(task, ctrl);
  return kDone;
}

constexpr uint32_t kWord = 8;
constexpr Regset kRegsets[] = {
    {NT_PRSTATUS, kWord, sizeof(UserPtRegs), GetGeneral, SetGeneral},
    {NT_PRFPREG, 4, sizeof(UserFpsimdState), GetFloat, SetFloat},
    {/*NT_ARM_TLS=*/0x401, kWord, 2 * kWord, GetTls, SetTls},
    {/*NT_ARM_SYSTEM_CALL=*/0x404, 4, 4, GetCall, SetCall},
    {/*NT_ARM_TAGGED_ADDR_CTRL=*/0x409, kWord, kWord, GetTagged, SetTagged},
};

}  // namespace

absl::Span<const Regset> PtraceArm64::regsets() const { return kRegsets; }

uint32_t PtraceArm64::audit_arch() const {
  return EM_AARCH64 | 0xc0000000;  // 64 bits, little-endian
}

SyscallResult PtraceArm64::Request(const PtraceCall& call) const {
  switch (call.request) {
    case kPeekMteTags:
    case kPokeMteTags:
      return PtraceCopyTags(call);
    default:
      return Errno::kEIO;
  }
}

uint64_t PtraceArm64::BeginSyscallStop(Task& task, SyscallStop which) const {
  engine::Cpu& cpu = task.kernel().cpu();
  if (which == SyscallStop::kEntry && CallNumberOf(task) == -1) {
    cpu.WriteSyscallResult(uint64_t(-int64_t(Errno::kENOSYS)));
  }
  Registers r = ReadOf(task);
  const uint64_t kept = r.x[kShownAtSyscall];
  r.x[kShownAtSyscall] = which == SyscallStop::kEntry ? 0 : 1;
  cpu.WriteRegisters(r);
  return kept;
}

void PtraceArm64::EndSyscallStop(Task& task, uint64_t kept) const {
  Registers r = ReadOf(task);
  r.x[kShownAtSyscall] = kept;
  task.kernel().cpu().WriteRegisters(r);
}

// The step exception of the SVC itself is still to come (PSTATE.SS is 0), and
// stepping on finds it.
SigInfo PtraceArm64::StepOverCall(Task& task) const {
  task.ptrace.step_due = true;
  return SigInfo(kSigTrap, kSiUser);
}

void PtraceArm64::BeginSignalStop(Task& task) const {
  TaskRun& run = task.run;
  engine::Cpu& cpu = task.kernel().cpu();
  if (AsksForRestart(run.call_error) && run.backed_up_from == 0) {
    run.backed_up_from = cpu.pc();
    task.abi().Restart(cpu, run.call_number, run.call_arg0);
    run.backed_up_to = cpu.pc();
  }
  run.call_number = ~uint64_t{0};
}

}  // namespace faultline::os
