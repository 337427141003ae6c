#include "plugin/engine/x86_port.h"

#include <array>
#include <cstring>

#include "plugin/engine/hooks.h"
#include "plugin/engine/reg_batch.h"
#include "plugin/engine/x86_fpu.h"

namespace faultline::engine {
namespace {

// Westmere: x86-64-v2 (SSE4.2, POPCNT, CMPXCHG16B, AES) and nothing that would
// let the host show through or that the engine is slow at. Newer models have
// RDRAND, which draws from the host and cannot be hooked, and ERMS, which
// makes C libraries choose `rep movsb`.
constexpr int kModel = UC_CPU_X86_WESTMERE;

// Vectors (SDM vol. 3, "Exception and Interrupt Vectors").
enum Vector : uint32_t {
  kDE = 0,
  kDB = 1,
  kBP = 3,
  kOF = 4,
  kBR = 5,
  kUD = 6,
  kDF = 8,
  kTS = 10,
  kNP = 11,
  kSS = 12,
  kGP = 13,
  kMF = 16,
  kAC = 17,
  kXM = 19
};

constexpr uint64_t kUserFlags = 0x254dd5;  // CF PF AF ZF SF TF DF OF NT AC ID
constexpr uint64_t kFixedFlags = 0x202;    // IF and the bit that is always set

constexpr uint64_t kUserCs = 0x33, kUserSs = 0x2b;

// Order of x86::Gpr.
constexpr int kGprs[] = {
    UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX,
    UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI,
    UC_X86_REG_R8,  UC_X86_REG_R9,  UC_X86_REG_R10, UC_X86_REG_R11,
    UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15};
constexpr size_t kGprCount = std::size(kGprs);
constexpr int kOthers[] = {UC_X86_REG_RIP, UC_X86_REG_RFLAGS,
                           UC_X86_REG_FS_BASE, UC_X86_REG_GS_BASE};
constexpr size_t kBatch = kGprCount + std::size(kOthers);

std::array<int, kBatch> BatchIds() {
  std::array<int, kBatch> ids;
  std::copy(std::begin(kGprs), std::end(kGprs), ids.begin());
  std::copy(std::begin(kOthers), std::end(kOthers), ids.begin() + kGprCount);
  return ids;
}

// RDTSC and RDTSCP: a 1 GHz counter of virtual time. True: done here.
int OnReadTimeStamp(uc_engine* uc, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  const uint64_t now = cpu.clock ? cpu.clock() : 0;
  const uint64_t low = now & 0xffffffff, high = now >> 32;
  uc_reg_write(uc, UC_X86_REG_RAX, &low);
  uc_reg_write(uc, UC_X86_REG_RDX, &high);
  return 1;
}

// The instruction's first byte that is no prefix; at least two bytes more can
// be read.
const uint8_t* SkipPrefixes(const Port::CodeWindow& code) {
  const uint8_t* p = code.bytes + Port::CodeWindow::kBefore;
  const uint8_t* const end = code.bytes + sizeof code.bytes - 3;
  auto is_prefix = [](uint8_t b) {
    return (b & 0xf0) == 0x40 || b == 0x66 || b == 0x67 || b == 0xf0 ||
           b == 0xf2 || b == 0xf3 || b == 0x2e || b == 0x36 || b == 0x3e ||
           b == 0x26 || b == 0x64 || b == 0x65;
  };
  while (p < end && is_prefix(*p)) {
    ++p;
  }
  return p;
}

// MOV from or to a control register that does not exist: undefined for
// everybody.
bool NamesNoControlRegister(const Port::CodeWindow& code) {
  const uint8_t* const p = SkipPrefixes(code);
  if (p[0] != 0x0f || (p[1] != 0x20 && p[1] != 0x22)) {
    return false;
  }
  const uint8_t rex = (p[-1] & 0xf0) == 0x40 ? p[-1] : 0;
  const int number = (p[2] >> 3 & 7) | ((rex & 4) != 0 ? 8 : 0);
  constexpr int kExist = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 8;
  return (kExist >> number & 1) == 0;
}

// CPUID of a machine with page tables of five levels, where it differs from the
// model's: LA57, and how many bits an address has. True: done here.
int OnCpuidLa57(uc_engine* uc, void*) {
  constexpr uint32_t kFeatures = 7, kAddressSizes = 0x80000008;
  uint64_t leaf = 0, subleaf = 0;
  uc_reg_read(uc, UC_X86_REG_RAX, &leaf);
  uc_reg_read(uc, UC_X86_REG_RCX, &subleaf);
  const bool features = uint32_t(leaf) == kFeatures && uint32_t(subleaf) == 0;
  if (!features && uint32_t(leaf) != kAddressSizes) {
    return 0;
  }
  uint64_t rax = features ? 0 : 57 << 8 | 40, rbx = 0;
  uint64_t rcx = features ? 1 << 16 : 0, rdx = 0;
  int ids[] = {UC_X86_REG_RAX, UC_X86_REG_RBX, UC_X86_REG_RCX, UC_X86_REG_RDX};
  void* from[] = {&rax, &rbx, &rcx, &rdx};
  uc_reg_write_batch(uc, ids, from, int(std::size(ids)));
  return 1;
}

// SYSENTER: the 32-bit call, whose entry is not set up.
void OnSysenter(uc_engine*, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  cpu.RefuseInstruction(cpu.pc());
}

// IN, INS, OUT, OUTS: user mode has no ports (IOPL is 0), but the engine does
// not look.
uint32_t OnPortRead(uc_engine*, uint32_t, int, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  cpu.RefuseInstruction(cpu.pc());
  return 0;
}
void OnPortWrite(uc_engine*, uint32_t, int, uint32_t, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  cpu.RefuseInstruction(cpu.pc());
}

}  // namespace

uc_err X86Port::Open(uc_engine** uc) const {
  if (uc_err err = uc_open(UC_ARCH_X86, UC_MODE_64, uc); err != UC_ERR_OK) {
    return err;
  }
  return uc_ctl_set_cpu_model(*uc, kModel);
}

absl::Status X86Port::AddHooks(Cpu::Impl& cpu) const {
  absl::Status s = AddHook(cpu, UC_HOOK_INTR, &OnInterrupt);
  s.Update(AddHook(cpu, UC_HOOK_INSN, &OnSyscall, UC_X86_INS_SYSCALL));
  s.Update(AddHook(cpu, UC_HOOK_INSN, &OnSysenter, UC_X86_INS_SYSENTER));
  s.Update(AddHook(cpu, UC_HOOK_INSN, &OnReadTimeStamp, UC_X86_INS_RDTSC));
  s.Update(AddHook(cpu, UC_HOOK_INSN, &OnReadTimeStamp, UC_X86_INS_RDTSCP));
  s.Update(AddHook(cpu, UC_HOOK_INSN, &OnPortRead, UC_X86_INS_IN));
  if (ops_.geometry().root() == 4) {
    s.Update(AddHook(cpu, UC_HOOK_INSN, &OnCpuidLa57, UC_X86_INS_CPUID));
  }
  s.Update(AddHook(cpu, UC_HOOK_INSN, &OnPortWrite, UC_X86_INS_OUT));
  return s;
}

bool X86Port::IsKernelAddress(uint64_t va) const {
  return IsCanonical(va) && va >> 63 != 0;
}

// Bits above the highest that is translated are copies of it.
bool X86Port::IsCanonical(uint64_t va) const {
  const mm::PagingLevel& root = ops_.geometry().levels.back();
  const uint64_t top = va >> (root.shift + root.bits - 1);
  return top == 0 || top == ~uint64_t{0} >> (root.shift + root.bits - 1);
}

int X86Port::pc() const { return UC_X86_REG_RIP; }
int X86Port::sp() const { return UC_X86_REG_RSP; }
int X86Port::thread_pointer() const { return UC_X86_REG_FS_BASE; }

RegisterFile X86Port::Read(uc_engine* uc) const {
  x86::Registers r;
  std::array<int, kBatch> ids = BatchIds();
  std::array<void*, kBatch> to;
  for (size_t i = 0; i < kGprCount; ++i) {
    to[i] = &r.gpr[i];
  }
  to[kGprCount] = &r.rip;
  to[kGprCount + 1] = &r.rflags;
  to[kGprCount + 2] = &r.fs_base;
  to[kGprCount + 3] = &r.gs_base;
  uc_reg_read_batch(uc, ids.data(), to.data(), int(kBatch));
  ReadFxsave(uc, r.fxsave);
  return r;
}

void X86Port::Write(uc_engine* uc, const RegisterFile& file) const {
  x86::Registers r = std::get<x86::Registers>(file);
  r.rflags = (r.rflags & kUserFlags) | kFixedFlags;
  std::array<int, kBatch> ids = BatchIds();
  std::array<void*, kBatch> from;
  for (size_t i = 0; i < kGprCount; ++i) {
    from[i] = &r.gpr[i];
  }
  from[kGprCount] = &r.rip;
  from[kGprCount + 1] = &r.rflags;
  from[kGprCount + 2] = &r.fs_base;
  from[kGprCount + 3] = &r.gs_base;
  uc_reg_write_batch(uc, ids.data(), from.data(), int(kBatch));
  WriteFxsave(uc, r.fxsave);
}

RegisterFile X86Port::Initial() const { return x86::Registers(); }

Cpu::SyscallRegs X86Port::ReadSyscall(uc_engine* uc) const {
  Cpu::SyscallRegs s;
  int ids[] = {UC_X86_REG_RAX, UC_X86_REG_RDI, UC_X86_REG_RSI, UC_X86_REG_RDX,
               UC_X86_REG_R10, UC_X86_REG_R8,  UC_X86_REG_R9};
  void* to[] = {&s.number,  &s.args[0], &s.args[1], &s.args[2],
                &s.args[3], &s.args[4], &s.args[5]};
  uc_reg_read_batch(uc, ids, to, int(std::size(ids)));
  return s;
}

void X86Port::WriteSyscallResult(uc_engine* uc, uint64_t value) const {
  // SYSCALL leaves the return address in RCX and the flags in R11, and SYSRET
  // comes back from there.
  uint64_t rip = 0, rflags = 0;
  int state[] = {UC_X86_REG_RIP, UC_X86_REG_RFLAGS};
  void* to[] = {&rip, &rflags};
  uc_reg_read_batch(uc, state, to, 2);
  int ids[] = {UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_R11};
  void* from[] = {&value, &rip, &rflags};
  uc_reg_write_batch(uc, ids, from, 3);
}

void X86Port::PrepareEnterUser(uc_engine* uc, const KernelImage& image,
                               absl::Span<std::byte> stack) const {
  const uint64_t frame[5] = {/*rip=*/0, kUserCs, kFixedFlags, /*rsp=*/0,
                             kUserSs};
  std::memcpy(stack.end() - sizeof frame, frame, sizeof frame);
  const uint64_t sp = image.stack_top - sizeof frame;
  uc_reg_write(uc, UC_X86_REG_RSP, &sp);
}

void X86Port::PrepareFlush(uc_engine* uc, uint64_t first_page,
                           uint64_t pages) const {
  uint64_t bytes = kEnginePageBytes;
  int ids[] = {UC_X86_REG_RDI, UC_X86_REG_RSI, UC_X86_REG_RDX};
  void* from[] = {&first_page, &pages, &bytes};
  uc_reg_write_batch(uc, ids, from, 3);
}

void X86Port::PrepareKernelCall(uc_engine* uc, const KernelImage& image,
                                const Cpu::KernelCall& call,
                                const KernelContext::Memory& memory) const {
  const uint64_t sp = memory.stack_top - sizeof image.kernel_return;
  std::memcpy(memory.stack.end() - sizeof image.kernel_return,
              &image.kernel_return, sizeof image.kernel_return);
  WriteRegs(uc,
            {UC_X86_REG_RIP, UC_X86_REG_RSP, UC_X86_REG_RDI, UC_X86_REG_RSI,
             UC_X86_REG_RDX, UC_X86_REG_RCX},
            {image.address(call.routine), sp, call.args[0], call.args[1],
             call.args[2], call.args[3]});
}

Cpu::KernelResult X86Port::ReadKernelResult(uc_engine* uc) const {
  const auto r = ReadRegs(uc, {UC_X86_REG_RAX, UC_X86_REG_RDX});
  return {r[0], r[1]};
}

Cpu::KernelService X86Port::ReadKernelService(uc_engine* uc) const {
  const auto r = ReadRegs(uc, {UC_X86_REG_R10, UC_X86_REG_RSI, UC_X86_REG_RDX});
  return {r[0], {r[1], r[2]}};
}

bool X86Port::IsSyscall(uint32_t) const { return false; }

Trap X86Port::Classify(uint32_t number, uint64_t* pc,
                       const CodeWindow& code) const {
  Trap t;
  const uint8_t* at = code.bytes + CodeWindow::kBefore;
  // `int n` is reported as vector n with the program counter after it. Only
  // int3 and into may be used from ring 3; all other gates refuse it. (int
  // 0x80, the 32-bit call, is refused too.)
  if (at[-2] == 0xcd && at[-1] == number && number != kBP && number != kOF) {
    t.kind = Trap::Kind::kProtection;
    t.code = number * 8 + 2;
    *pc -= 2;
    return t;
  }
  switch (number) {
    case kDE:
      t.kind = Trap::Kind::kDivide;
      break;
    case kDB:
      t.kind = Trap::Kind::kSingleStep;
      break;
    case kBP:
      t.kind = Trap::Kind::kBreakpoint;
      break;
    case kMF:
    case kXM:
      t.kind = Trap::Kind::kFloatingPoint;
      t.code = number;
      break;
    case kAC:
      t.kind = Trap::Kind::kAlignment;
      break;
    case kUD:
      t.kind = Trap::Kind::kUndefined;
      break;
    default:
      t.kind = number == kGP && NamesNoControlRegister(code)
                   ? Trap::Kind::kUndefined
                   : Trap::Kind::kProtection;
      break;
  }
  return t;
}

// Some that only a kernel may use are #GP for a user, known or not.
Trap::Kind X86Port::UnknownInstruction(const CodeWindow& code) const {
  const uint8_t* const p = SkipPrefixes(code);
  const bool privileged = p[0] == 0x0f && (p[1] == 0x07 ||  // sysret
                                           p[1] == 0x33);   // rdpmc
  return privileged ? Trap::Kind::kProtection : Trap::Kind::kUndefined;
}

bool X86Port::NeedsCleanState(uint32_t number) const {
  // Those it would combine into a double fault (SDM vol. 3, table "Conditions
  // for Generating a Double Fault").
  return number == kDE || number == kDF || (number >= kTS && number <= 14);
}

bool X86Port::TranslatesAhead() const { return true; }

bool X86Port::SetSingleStep(uc_engine* uc, SingleStep step) const {
  constexpr uint64_t kTf = 1 << 8;
  uint64_t flags = 0;
  uc_reg_read(uc, UC_X86_REG_RFLAGS, &flags);
  const bool on = (flags & kTf) != 0;
  if (step == SingleStep::kOn && on) {
    return false;
  }
  flags = step == SingleStep::kOn ? flags | kTf : flags & ~kTf;
  uc_reg_write(uc, UC_X86_REG_RFLAGS, &flags);
  return true;
}

bool X86Port::IsSingleStep(uint32_t number) const { return number == kDB; }

bool X86Port::ReadsDescriptors(const CodeWindow& code) const {
  const uint8_t* const p = SkipPrefixes(code);
  switch (*p) {
    case 0x8e:  // mov to a segment register
    case 0xca:  // far returns
    case 0xcb:
    case 0xcf:  // iret
    case 0xff:  // far call and jump
      return true;
    case 0x0f:
      switch (p[1]) {
        case 0x00:  // verr, verw
        case 0x02:  // lar
        case 0x03:  // lsl
        case 0xa1:  // pop fs, pop gs
        case 0xa9:
        case 0xb2:  // lss, lfs, lgs
        case 0xb4:
        case 0xb5:
          return true;
        default:
          return false;
      }
    default:
      return false;
  }
}

}  // namespace faultline::engine
