#ifndef FAULTLINE_PLUGIN_ENGINE_HOOKS_H_
#define FAULTLINE_PLUGIN_ENGINE_HOOKS_H_

// Hooks that both engines have, as plain C functions for uc_hook_add(); `user`
// is the Cpu::Impl.

#include <unicorn/unicorn.h>

#include "absl/status/status.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/uc_status.h"

namespace faultline::engine {

// A system call instruction: note and stop.
void OnSyscall(uc_engine* uc, void* user);
// Exception `number`: note and stop.
void OnInterrupt(uc_engine* uc, uint32_t number, void* user);

// uc_hook_add() over all addresses. `extra` is an instruction for
// UC_HOOK_INSN.
template <typename Callback>
absl::Status AddHook(Cpu::Impl& cpu, int type, Callback* callback,
                     int extra = 0) {
  uc_hook hook = 0;
  return UcStatus(
      uc_hook_add(cpu.uc, &hook, type, reinterpret_cast<void*>(callback), &cpu,
                  1, 0, extra),
      "uc_hook_add");
}

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_HOOKS_H_
