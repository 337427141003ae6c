#include "plugin/linux/abi_arm64.h"

#include <elf.h>

#include <cstring>

#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using arm64::Registers;
using engine::Trap;

// include/uapi/asm/hwcap.h.
constexpr uint64_t kHwcapFp = 1 << 0;
constexpr uint64_t kHwcapAsimd = 1 << 1;
constexpr uint64_t kHwcapAes = 1 << 3;
constexpr uint64_t kHwcapPmull = 1 << 4;
constexpr uint64_t kHwcapSha1 = 1 << 5;
constexpr uint64_t kHwcapSha2 = 1 << 6;
constexpr uint64_t kHwcapCrc32 = 1 << 7;
constexpr uint64_t kHwcapAtomics = 1 << 8;
constexpr uint64_t kHwcapCpuid = 1 << 11;

// The ID registers that tell the same (Arm ARM, "ID_AA64ISAR0_EL1",
// "ID_AA64PFR0_EL1"): AES+PMULL, SHA1, SHA2, CRC32, LSE; EL0 and EL1 in
// AArch64 only.
constexpr uint64_t kIsar0 = 0x211120;
constexpr uint64_t kPfr0 = 0x11;
constexpr uint64_t kMidr = 0x411fd080;  // Cortex-A72 r1p0
constexpr uint64_t kMpidr = uint64_t{1} << 31;

constexpr uint64_t kSyscallBytes = 4;

// ESR_EL1 exception classes.
constexpr uint64_t kEcUnknown = 0x00;
constexpr uint64_t kEcInstructionAbort = 0x20;
constexpr uint64_t kEcPcAlignment = 0x22;
constexpr uint64_t kEcDataAbort = 0x24;
constexpr uint64_t kEcBrk = 0x3c;

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

// MRS of the ID register space, as the kernel emulates it for EL0: what it
// does not tell reads as zero. Linux: emulate_sys_reg().
std::optional<uint64_t> ReadIdRegister(uint32_t insn) {
  const uint32_t op0 = 2 + (insn >> 19 & 1);
  const uint32_t op1 = insn >> 16 & 7;
  const uint32_t crn = insn >> 12 & 15;
  const uint32_t crm = insn >> 8 & 15;
  const uint32_t op2 = insn >> 5 & 7;
  if ((insn & 0xfff00000) != 0xd5300000 || op0 != 3 || op1 != 0 || crn != 0) {
    return std::nullopt;
  }
  if (crm == 0) {
    switch (op2) {
      case 0:
        return kMidr;
      case 5:
        return kMpidr;
      case 6:
        return 0;  // REVIDR_EL1
      default:
        return std::nullopt;
    }
  }
  if (crm < 4 || crm > 7) {
    return std::nullopt;
  }
  if (crm == 4 && op2 == 0) {
    return kPfr0;
  }
  return crm == 6 && op2 == 0 ? kIsar0 : 0;
}

uint64_t AbortStatus(const Trap& t) {
  const bool fetch = t.access == mm::Access::kExec;
  const uint64_t ec = fetch ? kEcInstructionAbort : kEcDataAbort;
  const uint64_t fsc = t.was_present ? 0x0f : 0x07;  // level 3
  const uint64_t wnr = t.access == mm::Access::kWrite ? 1u << 6 : 0;
  return ec << 26 | 1u << 25 | wnr | fsc;
}

}  // namespace

const AbiIdentity& AbiArm64::identity() const {
  static constexpr AbiIdentity kIdentity{
      EM_AARCH64,
      "aarch64",
      kHwcapFp | kHwcapAsimd | kHwcapAes | kHwcapPmull | kHwcapSha1 |
          kHwcapSha2 | kHwcapCrc32 | kHwcapAtomics | kHwcapCpuid,
      0,
      4720,
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

bool AbiArm64::Emulate(Task& task, engine::Cpu& cpu, const Trap& trap) const {
  (void)task;
  if (trap.kind != Trap::Kind::kSystemRegister) {
    return false;
  }
  const std::optional<uint64_t> value = ReadIdRegister(uint32_t(trap.code));
  if (!value.has_value()) {
    return false;
  }
  engine::RegisterFile regs = cpu.ReadRegisters();
  auto& r = std::get<Registers>(regs);
  const size_t rt = trap.code & 31;
  if (rt != 31) {
    r.x[rt] = *value;
  }
  r.pc += 4;
  cpu.WriteRegisters(regs);
  return true;
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
      break;
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

void AbiArm64::DescribeFault(const Trap& trap, SignalDelivery& out) const {
  out.trap_number = 0;
  out.fault_address = trap.raw_address;
  switch (trap.kind) {
    case Trap::Kind::kPageFault:
    case Trap::Kind::kProtection:
      out.fault_code = AbortStatus(trap);
      break;
    case Trap::Kind::kBreakpoint:
      out.fault_code = kEcBrk << 26 | 1u << 25 | (trap.code & 0xffff);
      break;
    case Trap::Kind::kAlignment:
      out.fault_code = kEcPcAlignment << 26 | 1u << 25;
      break;
    default:
      out.fault_code = kEcUnknown << 26 | 1u << 25;
      break;
  }
}

}  // namespace faultline::os
namespace faultline::os {
ErrnoOr<Done> AbiArm64::PushSignalFrame(Task&, engine::Cpu&,
                                     const SignalDelivery&) const {
  return Errno::kEFAULT;
}
ErrnoOr<SignalReturn> AbiArm64::PopSignalFrame(Task&, engine::Cpu&) const {
  return Errno::kEFAULT;
}
}  // namespace faultline::os
