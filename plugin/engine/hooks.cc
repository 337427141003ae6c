#include "plugin/engine/hooks.h"

namespace faultline::engine {

void OnSyscall(uc_engine* uc, void* user) {
  static_cast<Cpu::Impl*>(user)->NoteStop(Cpu::Impl::Stop::kSyscall);
  uc_emu_stop(uc);
}

void OnInterrupt(uc_engine* uc, uint32_t number, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  if (cpu.NoteStop(Cpu::Impl::Stop::kInterrupt)) {
    cpu.interrupt = number;
  }
  uc_emu_stop(uc);
}

}  // namespace faultline::engine
