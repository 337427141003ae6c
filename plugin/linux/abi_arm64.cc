#include "plugin/linux/abi_arm64.h"

#include <elf.h>

#include <cstring>

#include "arch_arm64/hwcap.h"
#include "arch_arm64/mte_insn.h"
#include "arch_arm64/signal_frame.h"
#include "arch_arm64/system_registers.h"
#include "arch_arm64/trap.h"
#include "plugin/linux/abi_arm64_mte.h"
#include "plugin/linux/abi_frame.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using arm64::Registers;
using engine::Trap;

constexpr uint64_t kSyscallBytes = 4;

// The generic struct stat, include/uapi/asm-generic/stat.h.
struct Stat {
  uint64_t dev, ino;
  uint32_t mode, nlink, uid, gid;
  uint64_t rdev, pad1;
  int64_t size;
  int32_t blksize, pad2;
  int64_t blocks;
  int64_t atime;
  uint64_t atime_ns;
  int64_t mtime;
  uint64_t mtime_ns;
  int64_t ctime;
  uint64_t ctime_ns;
  uint32_t unused[2];
};
static_assert(sizeof(Stat) == 128);

// O_DIRECTORY, O_NOFOLLOW, O_DIRECT, O_LARGEFILE: arm64's number, x86-64's.
constexpr uint32_t kFlagPairs[][2] = {{040000, 0200000},
                                      {0100000, 0400000},
                                      {0200000, 040000},
                                      {0400000, 0100000}};
constexpr uint32_t kDifferentFlags = 0740000;

uint32_t Translate(uint32_t flags, int from, int to) {
  uint32_t out = flags & ~kDifferentFlags;
  for (const auto& pair : kFlagPairs) {
    if ((flags & pair[from]) != 0) {
      out |= pair[to];
    }
  }
  return out;
}

// With Arm's number of the level at which the walk ended, 3 where ours is 0. Of
// the kernel's half a program is told nothing (set_thread_esr()).
uint64_t PageFaultSyndrome(Task& task, mm::Fault fault) {
  if (fault.address >= task.kernel().memory().arch().layout().user_end) {
    fault.was_present = false;
    return arm64::Syndrome(fault, 0);
  }
  const int level = task.mm().page_table().Walk(fault.address).level;
  return arm64::Syndrome(fault, 3 - level);
}

}  // namespace

const AbiIdentity& AbiArm64::identity() const {
  static constexpr AbiIdentity kIdentity{EM_AARCH64,
                                         "aarch64",
                                         arm64::kHwcap,
                                         arm64::kHwcap2,
                                         arm64::kMinSignalStack,
                                         5120};
  return kIdentity;
}

size_t AbiArm64::EncodeStat(const FileStat& s,
                            absl::Span<std::byte> out) const {
  Stat st{};
  st.dev = s.dev;
  st.ino = s.ino;
  st.mode = s.mode;
  st.nlink = s.nlink;
  st.uid = s.uid;
  st.gid = s.gid;
  st.rdev = s.rdev;
  st.size = s.size;
  st.blksize = int32_t(s.blksize);
  st.blocks = int64_t(s.blocks);
  st.atime = int64_t(s.atime_ns / 1'000'000'000);
  st.atime_ns = s.atime_ns % 1'000'000'000;
  st.mtime = int64_t(s.mtime_ns / 1'000'000'000);
  st.mtime_ns = s.mtime_ns % 1'000'000'000;
  st.ctime = int64_t(s.ctime_ns / 1'000'000'000);
  st.ctime_ns = s.ctime_ns % 1'000'000'000;
  std::memcpy(out.data(), &st, sizeof st);
  return sizeof st;
}

size_t AbiArm64::epoll_event_bytes() const { return 16; }

uint32_t AbiArm64::OpenFlagsIn(uint32_t flags) const {
  return Translate(flags, 0, 1);
}

uint32_t AbiArm64::OpenFlagsOut(uint32_t flags) const {
  return Translate(flags, 1, 0);
}

bool AbiArm64::clone_tls_before_child_tid() const { return true; }

engine::RegisterFile AbiArm64::EntryRegisters(uint64_t pc, uint64_t sp) const {
  Registers r;
  r.pc = pc;
  r.sp = sp;
  return r;
}

void AbiArm64::SetResult(engine::Cpu& cpu, uint64_t value) const {
  cpu.WriteSyscallResult(value);
}

void AbiArm64::Restart(engine::Cpu& cpu, uint64_t, uint64_t arg0) const {
  cpu.WriteSyscallResult(arg0);  // X0 is the first argument, too
  cpu.set_pc(cpu.pc() - kSyscallBytes);
}

void AbiArm64::RestartBlock(engine::Cpu& cpu, uint64_t arg0) const {
  engine::RegisterFile regs = cpu.ReadRegisters();
  auto& r = std::get<Registers>(regs);
  r.x[0] = arg0;
  r.x[8] = uint64_t(calls().NumberOf("restart_syscall"));
  r.pc -= kSyscallBytes;
  cpu.WriteRegisters(regs);
}

void AbiArm64::MakeChild(engine::RegisterFile& regs, uint64_t sp,
                         std::optional<uint64_t> tls) const {
  auto& r = std::get<Registers>(regs);
  r.x[0] = 0;
  if (sp != 0) {
    r.sp = sp;
  }
  if (tls.has_value()) {
    r.tpidr_el0 = *tls;
  }
}

uint64_t AbiArm64::StackPointer(const engine::RegisterFile& regs) const {
  return std::get<Registers>(regs).sp;
}

uint64_t AbiArm64::ProgramCounter(const engine::RegisterFile& regs) const {
  return std::get<Registers>(regs).pc;
}

uint64_t AbiArm64::ResultRegister(const engine::RegisterFile& regs) const {
  return std::get<Registers>(regs).x[0];
}

Emulated AbiArm64::Emulate(Task& task, engine::Cpu& cpu, Trap& trap) const {
  if (const Emulated done = EmulateMte(task, cpu, trap);
      done != Emulated::kNot || trap.kind != Trap::Kind::kSystemRegister) {
    return done;
  }
  engine::RegisterFile regs = cpu.ReadRegisters();
  if (!arm64::EmulateSystemRegister(uint32_t(trap.code),
                                    task.kernel().now().ns(),
                                    std::get<Registers>(regs))) {
    return Emulated::kNot;
  }
  cpu.WriteRegisters(regs);
  return Emulated::kDone;
}

SigInfo AbiArm64::SignalOf(const Trap& trap, uint64_t pc) const {
  SigInfo info;
  switch (trap.kind) {
    case Trap::Kind::kBreakpoint:
      info = SigInfo(kSigTrap, kTrapBrkpt);
      break;
    case Trap::Kind::kSingleStep:
      info = SigInfo(kSigTrap, kTrapTrace);
      break;
    case Trap::Kind::kFloatingPoint:
      info = SigInfo(kSigFpe, kFpeFltinv);
      break;
    case Trap::Kind::kAlignment:
      info = SigInfo(kSigBus, kBusAdraln);
      if (trap.access != mm::Access::kExec) {
        info.fault.address = trap.raw_address;
        return info;
      }
      break;
    case Trap::Kind::kTagFault:
      // The other half of the top byte is not to be relied on.
      info = SigInfo(kSigSegv, kSegvMteserr);
      info.fault.address =
          arm64::WithTag(trap.address.value(), arm64::TagOf(trap.raw_address));
      return info;
    case Trap::Kind::kProtection:
      // An address no table can map: a translation fault like any other.
      info = SigInfo(kSigSegv, kSegvMaperr);
      info.fault.address = trap.raw_address;
      return info;
    default:
      info = SigInfo(kSigIll, kIllIllopc);
      break;
  }
  info.fault.address = pc;
  return info;
}

void AbiArm64::DescribeFault(Task& task, const Trap& trap,
                             SignalDelivery& out) const {
  const mm::Fault fault = FaultOf(trap);
  out.trap_number = 0;
  switch (trap.kind) {
    case Trap::Kind::kPageFault:
      out.fault_address = trap.address.value();
      out.fault_code = PageFaultSyndrome(task, fault);
      break;
    case Trap::Kind::kProtection:
      out.fault_address = trap.raw_address;
      out.fault_code = arm64::Syndrome(fault, 0);
      break;
    case Trap::Kind::kTagFault:
      out.fault_address = trap.address.value();
      out.fault_code = arm64::TagFaultSyndrome(fault);
      break;
    case Trap::Kind::kAlignment:
      out.fault_address = trap.address.value();
      out.fault_code = trap.access == mm::Access::kExec
                           ? arm64::Syndrome(arm64::kEcPcAlignment)
                           : arm64::AlignmentSyndrome(fault);
      break;
    case Trap::Kind::kBreakpoint:
    case Trap::Kind::kSingleStep:
    case Trap::Kind::kFloatingPoint:
      break;  // none of these sets thread.fault_code
    default:
      out.fault_address = out.fault_code = 0;
      break;
  }
}

ErrnoOr<Done> AbiArm64::PushSignalFrame(Task& task, engine::Cpu& cpu,
                                        const SignalDelivery& d) const {
  auto request = MakeFrameRequest<arm64::SignalRequest>(d);
  if (request.restorer == 0) {
    request.restorer = task.process().sigreturn_code;
  }
  request.fault_address = d.fault_address;
  request.esr = d.fault_code;
  const engine::RegisterFile regs = cpu.ReadRegisters();
  FL_ASSIGN(const arm64::SignalFrame frame,
            arm64::BuildSignalFrame(std::get<Registers>(regs), request));
  return PlaceFrame(task, cpu, frame);
}

ErrnoOr<SignalReturn> AbiArm64::PopSignalFrame(Task& task,
                                               engine::Cpu& cpu) const {
  return TakeFrame<Registers>(task, cpu, arm64::ParseSignalFrame);
}

}  // namespace faultline::os
