#include "plugin/linux/abi_x86.h"

#include <elf.h>

#include <cstring>

#include "arch_x86/hwcap.h"
#include "arch_x86/signal_frame.h"
#include "arch_x86/trap.h"
#include "plugin/linux/abi_frame.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using engine::Trap;
using x86::Registers;

constexpr uint64_t kSyscallBytes = 2;

// struct stat, arch/x86/include/uapi/asm/stat.h.
struct Stat {
  uint64_t dev, ino, nlink;
  uint32_t mode, uid, gid, pad0;
  uint64_t rdev;
  int64_t size, blksize, blocks;
  uint64_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
  int64_t unused[3];
};
static_assert(sizeof(Stat) == 144);

uint64_t VectorOf(Trap::Kind kind) {
  switch (kind) {
    case Trap::Kind::kPageFault:
      return x86::kPageFault;
    case Trap::Kind::kUndefined:
      return x86::kInvalidOpcode;
    case Trap::Kind::kBreakpoint:
      return x86::kBreakpoint;
    case Trap::Kind::kSingleStep:
      return x86::kDebug;
    case Trap::Kind::kFloatingPoint:
      return x86::kX87FloatingPoint;
    case Trap::Kind::kProtection:
      return x86::kGeneralProtection;
    case Trap::Kind::kAlignment:
      return x86::kAlignmentCheck;
    default:
      return x86::kDivideError;
  }
}

}  // namespace

const AbiIdentity& AbiX86::identity() const {
  static constexpr AbiIdentity kIdentity{
      EM_X86_64, "x86_64", x86::kHwcap, x86::kHwcap2, x86::kMinSignalStack,
      2048};
  return kIdentity;
}

size_t AbiX86::EncodeStat(const FileStat& s, absl::Span<std::byte> out) const {
  Stat st{};
  st.dev = s.dev;
  st.ino = s.ino;
  st.nlink = s.nlink;
  st.mode = s.mode;
  st.uid = s.uid;
  st.gid = s.gid;
  st.rdev = s.rdev;
  st.size = s.size;
  st.blksize = s.blksize;
  st.blocks = int64_t(s.blocks);
  st.atime = s.atime_ns / 1'000'000'000;
  st.atime_ns = s.atime_ns % 1'000'000'000;
  st.mtime = s.mtime_ns / 1'000'000'000;
  st.mtime_ns = s.mtime_ns % 1'000'000'000;
  st.ctime = s.ctime_ns / 1'000'000'000;
  st.ctime_ns = s.ctime_ns % 1'000'000'000;
  std::memcpy(out.data(), &st, sizeof st);
  return sizeof st;
}

size_t AbiX86::epoll_event_bytes() const { return 12; }
uint32_t AbiX86::OpenFlagsIn(uint32_t flags) const { return flags; }
uint32_t AbiX86::OpenFlagsOut(uint32_t flags) const { return flags; }
bool AbiX86::clone_tls_before_child_tid() const { return false; }

engine::RegisterFile AbiX86::EntryRegisters(uint64_t pc, uint64_t sp) const {
  Registers r;
  r.rip = pc;
  r.gpr[x86::kRsp] = sp;
  // FNINIT and the reset value of MXCSR, at their places in the FXSAVE image.
  const uint16_t fcw = 0x37f;
  const uint32_t mxcsr = 0x1f80;
  std::memcpy(&r.fxsave[0], &fcw, sizeof fcw);
  std::memcpy(&r.fxsave[24], &mxcsr, sizeof mxcsr);
  return r;
}

void AbiX86::SetResult(engine::Cpu& cpu, uint64_t value) const {
  cpu.WriteSyscallResult(value);
}

void AbiX86::Restart(engine::Cpu& cpu, uint64_t number, uint64_t) const {
  cpu.WriteSyscallResult(number);  // RAX is the number, too
  cpu.set_pc(cpu.pc() - kSyscallBytes);
}

void AbiX86::RestartBlock(engine::Cpu& cpu, uint64_t arg0) const {
  Restart(cpu, uint64_t(calls().NumberOf("restart_syscall")), arg0);
}

void AbiX86::MakeChild(engine::RegisterFile& regs, uint64_t sp,
                       std::optional<uint64_t> tls) const {
  auto& r = std::get<Registers>(regs);
  r.gpr[x86::kRax] = 0;
  if (sp != 0) {
    r.gpr[x86::kRsp] = sp;
  }
  if (tls.has_value()) {
    r.fs_base = *tls;
  }
}

uint64_t AbiX86::StackPointer(const engine::RegisterFile& regs) const {
  return std::get<Registers>(regs).gpr[x86::kRsp];
}

uint64_t AbiX86::ProgramCounter(const engine::RegisterFile& regs) const {
  return std::get<Registers>(regs).rip;
}

uint64_t AbiX86::ResultRegister(const engine::RegisterFile& regs) const {
  return std::get<Registers>(regs).gpr[x86::kRax];
}

Emulated AbiX86::Emulate(Task&, engine::Cpu&, Trap&) const {
  return Emulated::kNot;
}

SigInfo AbiX86::SignalOf(const Trap& trap, uint64_t pc) const {
  SigInfo info;
  switch (trap.kind) {
    case Trap::Kind::kUndefined:
      info = SigInfo(kSigIll, kIllIllopn);
      info.fault.address = pc;
      break;
    case Trap::Kind::kBreakpoint:
      info = SigInfo(kSigTrap, kSiKernel);
      break;
    case Trap::Kind::kSingleStep:
      info = SigInfo(kSigTrap, kTrapTrace);
      info.fault.address = pc;
      break;
    case Trap::Kind::kDivide:
      info = SigInfo(kSigFpe, kFpeIntdiv);
      info.fault.address = pc;
      break;
    case Trap::Kind::kFloatingPoint:
      info = SigInfo(kSigFpe, kFpeFltinv);
      info.fault.address = pc;
      break;
    case Trap::Kind::kAlignment:
      info = SigInfo(kSigBus, kBusAdraln);
      break;
    default:
      info = SigInfo(kSigSegv, kSiKernel);
      break;
  }
  return info;
}

void AbiX86::DescribeFault(Task&, const Trap& trap, SignalDelivery& out) const {
  out.trap_number = VectorOf(trap.kind);
  if (trap.kind == Trap::Kind::kPageFault) {
    out.fault_address = trap.raw_address;
    out.fault_code = x86::PageFaultErrorCode(FaultOf(trap));
  } else {
    out.fault_code = trap.kind == Trap::Kind::kProtection ? trap.code : 0;
  }
}

ErrnoOr<Done> AbiX86::PushSignalFrame(Task& task, engine::Cpu& cpu,
                                      const SignalDelivery& d) const {
  auto request = MakeFrameRequest<x86::SignalRequest>(d);
  request.trap_number = d.trap_number;
  request.error_code = d.fault_code;
  request.cr2 = d.fault_address;
  const engine::RegisterFile regs = cpu.ReadRegisters();
  FL_ASSIGN(const x86::SignalFrame frame,
            x86::BuildSignalFrame(std::get<Registers>(regs), request));
  return PlaceFrame(task, cpu, frame);
}

ErrnoOr<SignalReturn> AbiX86::PopSignalFrame(Task& task,
                                             engine::Cpu& cpu) const {
  return TakeFrame<Registers>(task, cpu, x86::ParseSignalFrame);
}

}  // namespace faultline::os
