#include "plugin/linux/ptrace/ptrace_x86.h"

#include <elf.h>

#include <array>
#include <cstring>

#include "arch_x86/registers.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/deliver.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using x86::Registers;

// struct user_regs_struct, as indices.
enum Slot : size_t {
  kOrigRax = 15,
  kRip = 16,
  kCs = 17,
  kFlags = 18,
  kSp = 19,
  kSs = 20,
  kFsBase = 21,
  kGsBase = 22,
  kDs = 23,
  kGs = 26,
  kSlots = 27,
};
// Slots 0 to 14, and 19: which register is there.
constexpr x86::Gpr kGprOfSlot[] = {x86::kR15, x86::kR14, x86::kR13, x86::kR12,
                                   x86::kRbp, x86::kRbx, x86::kR11, x86::kR10,
                                   x86::kR9,  x86::kR8,  x86::kRax, x86::kRcx,
                                   x86::kRdx, x86::kRsi, x86::kRdi};

constexpr uint64_t kUserCs = 0x33, kUserSs = 0x2b;
constexpr uint64_t kTaskSizeMax = 0x7ffffffff000;
// CF PF AF ZF SF TF DF OF RF AC: what a tracer may change.
constexpr uint64_t kFlagMask = 0x50dd5;
constexpr uint32_t kWord = 8;
// The kernel's struct user: its beginning is registers, and so are eight words
// close to its end.
constexpr uint64_t kUserBytes = 928;
constexpr uint64_t kDebugRegisters = 848, kDebugRegistersEnd = 912;

Registers ReadOf(Task& task) {
  LoadTask(task);
  return std::get<Registers>(task.kernel().cpu().ReadRegisters());
}

void WriteOf(Task& task, const Registers& r) {
  LoadTask(task);
  task.kernel().cpu().WriteRegisters(r);
}

using Words = std::array<uint64_t, kSlots>;

Words WordsOf(const Registers& r, int64_t orig_rax) {
  Words w{};
  for (size_t i = 0; i < std::size(kGprOfSlot); ++i) {
    w[i] = r.gpr[kGprOfSlot[i]];
  }
  w[kOrigRax] = uint64_t(orig_rax);
  w[kRip] = r.rip;
  w[kCs] = kUserCs;
  w[kFlags] = r.rflags;
  w[kSp] = r.gpr[x86::kRsp];
  w[kSs] = kUserSs;
  w[kFsBase] = r.fs_base;
  w[kGsBase] = r.gs_base;
  return w;
}

// putreg(): kEIO for a value that cannot be. There are no segments but those
// that every program begins with.
ErrnoOr<Done> PutWord(Registers& r, size_t slot, uint64_t value) {
  if (slot < std::size(kGprOfSlot)) {
    r.gpr[kGprOfSlot[slot]] = value;
    return kDone;
  }
  switch (slot) {
    case kRip:
      r.rip = value;
      return kDone;
    case kSp:
      r.gpr[x86::kRsp] = value;
      return kDone;
    case kFlags:
      r.rflags = (r.rflags & ~kFlagMask) | (value & kFlagMask);
      return kDone;
    case kFsBase:
    case kGsBase:
      if (value >= kTaskSizeMax) {
        return Errno::kEIO;
      }
      (slot == kFsBase ? r.fs_base : r.gs_base) = value;
      return kDone;
    case kCs:
      return value == kUserCs ? ErrnoOr<Done>(kDone) : Errno::kEIO;
    case kSs:
      return value == kUserSs ? ErrnoOr<Done>(kDone) : Errno::kEIO;
    case kOrigRax:
      return kDone;
    default:  // ds to gs
      return value == 0 ? ErrnoOr<Done>(kDone) : Errno::kEIO;
  }
}

// What was interrupted is what rax and orig_rax say now.
void NoteCall(Task& task, uint64_t orig_rax, uint64_t rax) {
  task.run.call_number = orig_rax;
  const auto error = Errno(-int64_t(rax));
  const bool restart = int64_t(orig_rax) != -1 && AsksForRestart(error);
  task.run.call_error = restart ? error : Errno::kOk;
}

ErrnoOr<Done> GetGeneral(Task& task, absl::Span<std::byte> out) {
  const Words w = WordsOf(ReadOf(task), CallNumberOf(task));
  std::memcpy(out.data(), w.data(), sizeof w);
  return kDone;
}

ErrnoOr<Done> SetGeneral(Task& task, absl::Span<const std::byte> in) {
  Registers r = ReadOf(task);
  Words w = WordsOf(r, CallNumberOf(task));
  const size_t slots = in.size() / kWord;
  std::memcpy(w.data(), in.data(), slots * kWord);
  for (size_t i = 0; i < slots; ++i) {
    FL_TRY(PutWord(r, i, w[i]));
  }
  WriteOf(task, r);
  NoteCall(task, w[kOrigRax], r.gpr[x86::kRax]);
  return kDone;
}

ErrnoOr<Done> GetFloat(Task& task, absl::Span<std::byte> out) {
  const Registers r = ReadOf(task);
  std::memcpy(out.data(), r.fxsave.data(), r.fxsave.size());
  return kDone;
}

ErrnoOr<Done> SetFloat(Task& task, absl::Span<const std::byte> in) {
  constexpr size_t kMxcsr = 24;
  constexpr uint32_t kMxcsrMask = 0xffff;
  Registers r = ReadOf(task);
  std::memcpy(r.fxsave.data(), in.data(), in.size());
  uint32_t mxcsr = 0;
  std::memcpy(&mxcsr, &r.fxsave[kMxcsr], sizeof mxcsr);
  if ((mxcsr & ~kMxcsrMask) != 0) {
    return Errno::kEINVAL;
  }
  WriteOf(task, r);
  return kDone;
}

// The CPU has no XSAVE.
ErrnoOr<Done> NoGet(Task&, absl::Span<std::byte>) { return Errno::kENODEV; }
ErrnoOr<Done> NoSet(Task&, absl::Span<const std::byte>) {
  return Errno::kENODEV;
}

constexpr uint32_t kNtX86Xstate = 0x202;
constexpr Regset kRegsets[] = {
    {NT_PRSTATUS, kWord, kSlots* kWord, GetGeneral, SetGeneral},
    {NT_PRFPREG, kWord, sizeof(x86::FxsaveArea), GetFloat, SetFloat},
    {kNtX86Xstate, kWord, sizeof(x86::FxsaveArea), NoGet, NoSet},
};

enum Request : int64_t {
  kPeekUser = 3,
  kPokeUser = 6,
  kGetRegs = 12,
  kSetRegs = 13,
  kGetFpRegs = 14,
  kSetFpRegs = 15,
};

SyscallResult PeekUser(const PtraceCall& call) {
  if (call.addr % kWord != 0 || call.addr >= kUserBytes) {
    return Errno::kEIO;
  }
  uint64_t value = 0;  // of what is neither: nobody keeps that
  if (call.addr < kSlots * kWord) {
    value =
        WordsOf(ReadOf(call.task), CallNumberOf(call.task))[call.addr / kWord];
  }
  FL_TRY(call.tracer.user().Put(call.data, value));
  return 0;
}

SyscallResult PokeUser(const PtraceCall& call) {
  if (call.addr % kWord != 0 || call.addr >= kUserBytes) {
    return Errno::kEIO;
  }
  if (call.addr >= kDebugRegisters && call.addr < kDebugRegistersEnd) {
    // There are no hardware breakpoints: they can only be switched off.
    return call.data == 0 ? SyscallResult(0) : Errno::kEIO;
  }
  const size_t slot = call.addr / kWord;
  if (slot >= kSlots) {
    return Errno::kEIO;
  }
  Registers r = ReadOf(call.task);
  FL_TRY(PutWord(r, slot, call.data));
  WriteOf(call.task, r);
  NoteCall(call.task,
           slot == kOrigRax ? call.data : uint64_t(CallNumberOf(call.task)),
           r.gpr[x86::kRax]);
  return 0;
}

}  // namespace

absl::Span<const Regset> PtraceX86::regsets() const { return kRegsets; }

uint32_t PtraceX86::audit_arch() const {
  return EM_X86_64 | 0xc0000000;  // 64 bits, little-endian
}

SyscallResult PtraceX86::Request(const PtraceCall& call) const {
  const auto done = [](const ErrnoOr<Done>& r) {
    return r.ok() ? SyscallResult(0) : r.error();
  };
  const Regset& general = kRegsets[0];
  const Regset& fp = kRegsets[1];
  switch (call.request) {
    case kPeekUser:
      return PeekUser(call);
    case kPokeUser:
      return PokeUser(call);
    case kGetRegs:
      return done(GetRegset(call, general, call.data, general.bytes));
    case kSetRegs:
      return done(SetRegset(call, general, call.data, general.bytes));
    case kGetFpRegs:
      return done(GetRegset(call, fp, call.data, fp.bytes));
    case kSetFpRegs:
      return done(SetRegset(call, fp, call.data, fp.bytes));
    default:
      return Errno::kEIO;
  }
}

uint64_t PtraceX86::BeginSyscallStop(Task& task, SyscallStop which) const {
  if (which == SyscallStop::kEntry) {
    // The number is in orig_rax only; this is the answer if there is no call.
    task.kernel().cpu().WriteSyscallResult(uint64_t(-int64_t(Errno::kENOSYS)));
  }
  return 0;
}

void PtraceX86::EndSyscallStop(Task&, uint64_t) const {}

SigInfo PtraceX86::StepOverCall(Task& task) const {
  SigInfo info(kSigTrap, kTrapBrkpt);
  LoadTask(task);
  info.fault.address = task.kernel().cpu().pc();
  return info;
}

void PtraceX86::BeginSignalStop(Task&) const {}

}  // namespace faultline::os
