// Entering the engine, and naming what came out.

#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/frame_window.h"

namespace faultline::engine {
namespace {

// Counting blocks is compiled into the translations, so turning it on or off
// drops them all. After this many entries that needed no count it goes.
constexpr unsigned kRunsUntilUncounted = 4096;

void OnBlock(uc_engine* uc, uint64_t address, uint32_t, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  if (cpu.mode == mm::Mode::kKernel) {
    return;
  }
  const bool rest = cpu.debug.TakeResumed();
  if (cpu.block_limit != 0 && !rest) {
    if (cpu.blocks == cpu.block_limit) {
      cpu.NoteStop(Cpu::Impl::Stop::kSlice);
      uc_emu_stop(uc);  // before the block's first instruction
      return;
    }
    ++cpu.blocks;
  }
  if (cpu.debug.enabled()) [[unlikely]] {
    cpu.debug.OnBlock(address, rest);
  }
}

}  // namespace

uint64_t Cpu::Impl::pc() {
  uint64_t value = 0;
  uc_reg_read(uc, port.pc(), &value);
  return value;
}

void Cpu::Impl::RunRoutine(uint64_t address) {
  const uc_err err = Enter(address);
  FL_CHECK(err == UC_ERR_OK);
  FL_CHECK(stop == Stop::kSyscall ||
           (stop == Stop::kInterrupt && port.IsSyscall(interrupt)));
}

void Cpu::Impl::SetCounting(uint64_t max_blocks) {
  block_limit = max_blocks;
  blocks = 0;
  if (watching != nullptr) {
    return;  // its hook counts them
  }
  if (max_blocks != 0 || debug.enabled()) {
    hooks->runs_uncounted = 0;
    if (!hooks->counting) {
      uc_hook_add(uc, &hooks->block, UC_HOOK_BLOCK,
                  reinterpret_cast<void*>(&OnBlock), this, 1, 0);
      uc_ctl_flush_tb(uc);
      hooks->counting = true;
    }
  } else if (hooks->counting && ++hooks->runs_uncounted > kRunsUntilUncounted) {
    uc_hook_del(uc, hooks->block);
    uc_ctl_flush_tb(uc);
    hooks->counting = false;
  }
}

// The block runs on to its end with what the instruction has done wrongly. It
// can store none of that: all translations are dropped, and Fill() gives no
// new ones. The registers are put back by NameTrap().
void Cpu::Impl::RefuseInstruction(uint64_t at) {
  if (!NoteStop(Stop::kRefused)) {
    return;
  }
  refused_pc = at;
  uc_context_save(uc, refused_context.get());
  uc_ctl_flush_tlb(uc);
  uc_emu_stop(uc);
}

uc_err Cpu::Impl::Enter(uint64_t at) {
  stop = Stop::kNone;
  retry = false;
  tag_fault.noted = access_refused = false;
  code_page.bytes = nullptr;
  asked = {};
  if (watching == nullptr || mode == mm::Mode::kKernel) [[likely]] {
    return uc_emu_start(uc, at, 0, 0, 0);
  }
  watching->BeforeEntry();
  const uc_err err = uc_emu_start(uc, at, 0, 0, 0);
  watching->AfterEntry(err);
  return err;
}

Trap Cpu::Impl::Run(uint64_t max_blocks) {
  FL_CHECK(mode == mm::Mode::kUser);
  ++counters.runs;
  SetCounting(max_blocks);
  NoteRunUnstepped();
  debug.BeginRun();
  return RunUntilTrap();
}

Trap Cpu::Impl::RunUntilTrap() {
  for (;;) {
    FlushPending();
    uc_err err = Enter(pc());
    const bool refused = err == UC_ERR_EXCEPTION && stop != Stop::kRefused &&
                         stop != Stop::kDebug;
    if (refused && (retry || (RefusedAhead() && !StepToRefusal(&err)))) {
      continue;
    }
    // It also stops, for no reason of the guest's, at WFI and WFE and where we
    // have something to forget: go on after it.
    if (err != UC_ERR_OK || stop != Stop::kNone) {
      return NameTrap(err);
    }
  }
}

Trap Cpu::Impl::PageFaultTrap() const {
  Trap t;
  if (!port.IsCanonical(refusal.va)) {
    t.kind = Trap::Kind::kProtection;
    t.raw_address = refusal.va;
    return t;
  }
  t.kind = Trap::Kind::kPageFault;
  t.mode = mode;
  t.access = refusal.access;
  t.was_present = refusal.present;
  t.raw_address = refusal.va;
  t.address = port.arch_ops().Untag(mm::GuestAddr(refusal.va));
  return t;
}

Trap Cpu::Impl::NameTrap(uc_err err) {
  Trap t;
  if (stop == Stop::kDebug) {
    return t;
  }
  if (stop == Stop::kRefused) {
    uc_context_restore(uc, refused_context.get());
    uc_reg_write(uc, port.pc(), &refused_pc);
    t.kind = Trap::Kind::kProtection;
    return RefusedAccess().value_or(t);
  }
  switch (err) {
    case UC_ERR_OK:
      break;
    case UC_ERR_EXCEPTION:
      return PageFaultTrap();
    case UC_ERR_READ_PROT:
    case UC_ERR_WRITE_PROT:
      t.kind = Trap::Kind::kEngineFailure;
      t.code = err;
      return RefusedAccess().value_or(t);
    case UC_ERR_INSN_INVALID:
      t.kind = port.UnknownInstruction(ReadCode(pc()));
      return t;
    default:
      t.kind = Trap::Kind::kEngineFailure;
      t.code = err;
      return t;
  }
  switch (stop) {
    case Stop::kSyscall:
      t.kind = Trap::Kind::kSyscall;
      return t;
    case Stop::kSlice:
      t.kind = Trap::Kind::kSlice;
      return t;
    case Stop::kInterrupt: {
      if (port.IsSyscall(interrupt)) {
        t.kind = Trap::Kind::kSyscall;
        return t;
      }
      const uint64_t at = pc();
      uint64_t corrected = at;
      t = port.Classify(interrupt, &corrected, ReadCode(at));
      if (port.NeedsCleanState(interrupt)) {
        RestoreCleanState();
      }
      if (corrected != at) {
        uc_reg_write(uc, port.pc(), &corrected);
      }
      if (t.kind == Trap::Kind::kAlignment && arch == Arch::kArm64 &&
          t.access != mm::Access::kExec) {
        LocateMisaligned(t);
      }
      return t;
    }
    case Stop::kUndefined:
      uc_reg_write(uc, port.pc(), &undefined_pc);
      t.kind = Trap::Kind::kUndefined;
      return t;
    case Stop::kRefused:
    case Stop::kDebug:
    case Stop::kNone:
      break;
  }
  return t;
}

void Cpu::Impl::RestoreCleanState() {
  const RegisterFile regs = port.Read(uc);
  uc_context_restore(uc, clean_context.get());
  port.Write(uc, regs);
}

// The TLB hook is told the page only. To learn the byte, the instruction is
// decoded. Where that is not possible it is run once more, with that page
// mapped to physical memory that nobody may touch, whose hook sees the address.
// It does not complete, so nothing is done twice; the registers are put back
// for those that make progress (rep movs).
uint64_t Cpu::Impl::FaultOffset(const Trap& trap) {
  if (trap.access == mm::Access::kExec) {
    const uint64_t at = pc();
    return (at & ~(kEnginePageBytes - 1)) == trap.raw_address
               ? at & (kEnginePageBytes - 1)
               : 0;  // the instruction's tail is on the next page
  }
  constexpr uint64_t kPageMask = kEnginePageBytes - 1;
  if (arch == Arch::kArm64) {
    const std::optional<arm64::MemAccess> access = AccessAt(pc());
    if (access.has_value() && access->bytes != 0) {
      const uint64_t at = access->block ? access->given : access->address;
      return (at & ~kPageMask) == trap.raw_address
                 ? at & kPageMask
                 : 0;  // it is the access's tail that is on this page
    }
  }
  refusal = {trap.raw_address, trap.access, false};
  ForgetAllPages();
  FlushPending();
  uc_context_save(uc, scratch_context.get());
  const uint64_t limit = block_limit;
  block_limit = 0;
  probing = true;
  probe_hit = false;
  if (watching != nullptr) {
    watching->set_paused(true);
  }
  Enter(pc());
  if (watching != nullptr) {
    watching->set_paused(false);
  }
  probing = false;
  block_limit = limit;
  uc_context_restore(uc, scratch_context.get());
  ForgetAllPages();
  return probe_hit ? probe_offset : 0;
}

}  // namespace faultline::engine
