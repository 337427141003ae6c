#include "plugin/engine/arm64_port.h"

#include <array>
#include <cstring>

#include "plugin/engine/hooks.h"
#include "plugin/engine/reg_batch.h"

namespace faultline::engine {
namespace {

// Unicorn's exception numbers.
enum Exception : uint32_t {
  kUndefined = 1,
  kSvc = 2,
  kPrefetchAbort = 3,
  kDataAbort = 4,
  kBreakpoint = 7,
  kUnaligned = 22
};

constexpr uint64_t kNzcv = 0xf0000000;

constexpr size_t kXs = 31;
constexpr size_t kBatch = kXs + 3;

std::array<int, kBatch> BatchIds() {
  std::array<int, kBatch> ids;
  for (int i = 0; i < 29; ++i) {
    ids[size_t(i)] = UC_ARM64_REG_X0 + i;
  }
  ids[29] = UC_ARM64_REG_X29;
  ids[30] = UC_ARM64_REG_X30;
  ids[31] = UC_ARM64_REG_SP;
  ids[32] = UC_ARM64_REG_PC;
  ids[33] = UC_ARM64_REG_TPIDR_EL0;
  return ids;
}

// RNDR and RNDRRS would draw from the host. Linux's user has them only with
// HWCAP2_RNG, which we do not report: undefined. Every MRS comes here; the
// rest is the engine's to do.
uint32_t OnMrs(uc_engine* uc, uc_arm64_reg, const uc_arm64_cp_reg* reg,
               void* user) {
  const bool random = reg->op0 == 3 && reg->op1 == 3 && reg->crn == 2 &&
                      reg->crm == 4 && reg->op2 <= 1;
  if (!random) [[likely]] {
    return 0;
  }
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  if (cpu.NoteStop(Cpu::Impl::Stop::kUndefined)) {
    cpu.undefined_pc = cpu.pc();
  }
  uc_emu_stop(uc);
  return 1;
}

uint32_t InstructionAt(const uint8_t* bytes) {
  uint32_t insn;
  std::memcpy(&insn, bytes, sizeof insn);
  return insn;
}

// MSR (immediate and register), MRS, SYS, SYSL: C4.1 "System instructions",
// bits 31..22 are 1101010100.
bool IsSystemInstruction(uint32_t insn) { return insn >> 22 == 0x354; }

}  // namespace

uc_err Arm64Port::Open(uc_engine** uc) const {
  if (uc_err err = uc_open(UC_ARCH_ARM64, UC_MODE_ARM, uc); err != UC_ERR_OK) {
    return err;
  }
  // Without it the TLB's pages are 1 KiB. Before the model, which uses it.
  if (uc_err err = uc_ctl_set_page_size(*uc, 4096); err != UC_ERR_OK) {
    return err;
  }
  return uc_ctl_set_cpu_model(*uc, UC_CPU_ARM64_MAX);
}

absl::Status Arm64Port::AddHooks(Cpu::Impl& cpu) const {
  absl::Status s = AddHook(cpu, UC_HOOK_INTR, &OnInterrupt);
  s.Update(AddHook(cpu, UC_HOOK_INSN, &OnMrs, UC_ARM64_INS_MRS));
  return s;
}

bool Arm64Port::IsKernelAddress(uint64_t va) const {
  return (va >> 55 & 1) != 0;
}

bool Arm64Port::IsCanonical(uint64_t) const { return true; }

int Arm64Port::pc() const { return UC_ARM64_REG_PC; }
int Arm64Port::sp() const { return UC_ARM64_REG_SP; }
int Arm64Port::thread_pointer() const { return UC_ARM64_REG_TPIDR_EL0; }

RegisterFile Arm64Port::Read(uc_engine* uc) const {
  arm64::Registers r;
  std::array<int, kBatch> ids = BatchIds();
  std::array<void*, kBatch> to;
  for (size_t i = 0; i < kXs; ++i) {
    to[i] = &r.x[i];
  }
  to[31] = &r.sp;
  to[32] = &r.pc;
  to[33] = &r.tpidr_el0;
  uc_reg_read_batch(uc, ids.data(), to.data(), int(kBatch));
  uint32_t nzcv = 0;
  uc_reg_read(uc, UC_ARM64_REG_NZCV, &nzcv);
  r.pstate = nzcv & kNzcv;
  uc_reg_read(uc, UC_ARM64_REG_FPCR, &r.fpcr);
  uc_reg_read(uc, UC_ARM64_REG_FPSR, &r.fpsr);
  for (size_t i = 0; i < r.v.size(); ++i) {
    uc_reg_read(uc, UC_ARM64_REG_Q0 + int(i), &r.v[i]);
  }
  return r;
}

void Arm64Port::Write(uc_engine* uc, const RegisterFile& file) const {
  arm64::Registers r = std::get<arm64::Registers>(file);
  std::array<int, kBatch> ids = BatchIds();
  std::array<void*, kBatch> from;
  for (size_t i = 0; i < kXs; ++i) {
    from[i] = &r.x[i];
  }
  from[31] = &r.sp;
  from[32] = &r.pc;
  from[33] = &r.tpidr_el0;
  uc_reg_write_batch(uc, ids.data(), from.data(), int(kBatch));
  const uint32_t nzcv = uint32_t(r.pstate & kNzcv);
  uc_reg_write(uc, UC_ARM64_REG_NZCV, &nzcv);
  uc_reg_write(uc, UC_ARM64_REG_FPCR, &r.fpcr);
  uc_reg_write(uc, UC_ARM64_REG_FPSR, &r.fpsr);
  for (size_t i = 0; i < r.v.size(); ++i) {
    uc_reg_write(uc, UC_ARM64_REG_Q0 + int(i), &r.v[i]);
  }
}

RegisterFile Arm64Port::Initial() const { return arm64::Registers(); }

Cpu::SyscallRegs Arm64Port::ReadSyscall(uc_engine* uc) const {
  Cpu::SyscallRegs s;
  int ids[] = {UC_ARM64_REG_X8, UC_ARM64_REG_X0, UC_ARM64_REG_X1,
               UC_ARM64_REG_X2, UC_ARM64_REG_X3, UC_ARM64_REG_X4,
               UC_ARM64_REG_X5};
  void* to[] = {&s.number,  &s.args[0], &s.args[1], &s.args[2],
                &s.args[3], &s.args[4], &s.args[5]};
  uc_reg_read_batch(uc, ids, to, int(std::size(ids)));
  return s;
}

void Arm64Port::WriteSyscallResult(uc_engine* uc, uint64_t value) const {
  uc_reg_write(uc, UC_ARM64_REG_X0, &value);
}

void Arm64Port::PrepareEnterUser(uc_engine* uc, const KernelImage&,
                                 absl::Span<std::byte>) const {
  const uint64_t pc = 0, el0 = 0;
  uc_reg_write(uc, UC_ARM64_REG_X0, &pc);
  uc_reg_write(uc, UC_ARM64_REG_X1, &el0);
}

void Arm64Port::PrepareFlush(uc_engine* uc, uint64_t first_page,
                             uint64_t pages) const {
  // TLBI takes an address in units of 4 KiB.
  uint64_t first = first_page >> 12, step = kEnginePageBytes >> 12;
  int ids[] = {UC_ARM64_REG_X0, UC_ARM64_REG_X1, UC_ARM64_REG_X2};
  void* from[] = {&first, &pages, &step};
  uc_reg_write_batch(uc, ids, from, 3);
}

void Arm64Port::PrepareKernelCall(uc_engine* uc, const KernelImage& image,
                                  const Cpu::KernelCall& call,
                                  const KernelContext::Memory& memory) const {
  WriteRegs(
      uc,
      {UC_ARM64_REG_PC, UC_ARM64_REG_SP, UC_ARM64_REG_X30, UC_ARM64_REG_X0,
       UC_ARM64_REG_X1, UC_ARM64_REG_X2, UC_ARM64_REG_X3},
      {image.address(call.routine), memory.stack_top, image.kernel_return,
       call.args[0], call.args[1], call.args[2], call.args[3]});
}

Cpu::KernelResult Arm64Port::ReadKernelResult(uc_engine* uc) const {
  const auto r = ReadRegs(uc, {UC_ARM64_REG_X0, UC_ARM64_REG_X1});
  return {r[0], r[1]};
}

Cpu::KernelService Arm64Port::ReadKernelService(uc_engine* uc) const {
  const auto r =
      ReadRegs(uc, {UC_ARM64_REG_X8, UC_ARM64_REG_X1, UC_ARM64_REG_X2});
  return {r[0], {r[1], r[2]}};
}

bool Arm64Port::IsSyscall(uint32_t number) const { return number == kSvc; }

Trap Arm64Port::Classify(uint32_t number, uint64_t* pc,
                         const CodeWindow& code) const {
  Trap t;
  const uint32_t insn = InstructionAt(code.bytes + CodeWindow::kBefore);
  switch (number) {
    case kBreakpoint:
      t.kind = Trap::Kind::kBreakpoint;
      t.code = insn >> 5 & 0xffff;
      break;
    case kDataAbort:
    case kUnaligned:
      t.kind = Trap::Kind::kAlignment;
      break;
    default:
      if (*pc % 4 != 0) {
        t.kind = Trap::Kind::kAlignment;
        t.access = mm::Access::kExec;
      } else if (IsSystemInstruction(insn)) {
        t.kind = Trap::Kind::kSystemRegister;
        t.code = insn;
      } else {
        t.kind = Trap::Kind::kUndefined;
        t.code = insn;
      }
      break;
  }
  return t;
}

bool Arm64Port::NeedsCleanState(uint32_t) const { return false; }
bool Arm64Port::ReadsDescriptors(const CodeWindow&) const { return false; }
// Its blocks end where their page does.
bool Arm64Port::TranslatesAhead() const { return false; }
bool Arm64Port::SetSingleStep(uc_engine*, SingleStep) const { return false; }
bool Arm64Port::IsSingleStep(uint32_t) const { return false; }

}  // namespace faultline::engine
