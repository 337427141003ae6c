// One instruction at a time, for debuggers. x86 has a flag for it; where there
// is none, a hook before each instruction ends the run before the second.

#include "plugin/engine/cpu_impl.h"

namespace faultline::engine {
namespace {

// The hook is compiled into the translations, so adding or removing it drops
// them all. After this many entries that were no steps it goes.
constexpr unsigned kRunsUntilUnhooked = 256;

void OnInstruction(uc_engine* uc, uint64_t, uint32_t, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  if (cpu.stepping && cpu.instructions++ != 0) {
    cpu.NoteStop(Cpu::Impl::Stop::kSlice);
    uc_emu_stop(uc);
  }
}

}  // namespace

void Cpu::Impl::HookInstructions() {
  hooks->runs_unstepped = 0;
  if (!hooks->instructions) {
    uc_hook_add(uc, &hooks->instruction, UC_HOOK_CODE,
                reinterpret_cast<void*>(&OnInstruction), this, 1, 0);
    uc_ctl_flush_tb(uc);
    hooks->instructions = true;
  }
}

void Cpu::Impl::NoteRunUnstepped() {
  if (hooks->instructions && ++hooks->runs_unstepped > kRunsUntilUnhooked) {
    uc_hook_del(uc, hooks->instruction);
    uc_ctl_flush_tb(uc);
    hooks->instructions = false;
  }
}

Trap Cpu::Impl::Step() {
  SetCounting(0);
  debug.BeginRun();
  const bool by_flag = port.SetSingleStep(uc, SingleStep::kOn);
  if (!by_flag) {
    HookInstructions();
  }
  uc_err err = UC_ERR_OK;
  do {
    FlushPending();
    stepping = !by_flag;
    instructions = 0;
    err = Enter(pc());
    stepping = false;
  } while ((err == UC_ERR_EXCEPTION && stop != Stop::kRefused &&
            stop != Stop::kDebug && retry) ||
           (watching != nullptr && watching->stopped_for_hooks()));
  Trap trap = NameTrap(err);
  // Alone at the end of what it may run, the engine stops without a reason.
  if (stop != Stop::kDebug &&
      (trap.kind == Trap::Kind::kSlice || trap.kind == Trap::Kind::kStopped)) {
    trap.kind = Trap::Kind::kSingleStep;
  }
  if (by_flag) {
    port.SetSingleStep(uc, SingleStep::kOff);
  }
  return trap;
}

}  // namespace faultline::engine
