#ifndef FAULTLINE_PLUGIN_REWIND_MACHINE_STATE_H_
#define FAULTLINE_PLUGIN_REWIND_MACHINE_STATE_H_

// MachineState: a machine of which everything lies in an arena, to be put back
// to what it was when it was saved. Stacks are the arena's, but whoever calls
// must not be on one of them (timeline.h).

#include "absl/status/status.h"
#include "guest_mm/sync/inject.h"
#include "plugin/engine/cpu.h"
#include "plugin/linux/fs/host_fd.h"
#include "plugin/linux/kernel.h"
#include "plugin/rewind/arena.h"
#include "plugin/rewind/checkpoint.h"

namespace faultline::rewind {

// Of a machine, what is not in the arena.
void AddMemory(Checkpoint& checkpoint, mm::MemoryManager& memory,
               const engine::Cpu& cpu);

class MachineState {
 public:
  MachineState(os::Kernel& kernel, Arena& arena)
      : kernel_(kernel), arena_(arena) {}

  // Internal: the host refuses; then the machine cannot go on.
  absl::Status Save();
  void Restore();

 private:
  void Load();

  os::Kernel& kernel_;
  Arena& arena_;
  bool saved_ = false;
  os::KeptHostFds fds_;
  engine::Cpu::Loaded loaded_;
  mm::Scheduler* active_ = nullptr;
  mm::FailureSource* failures_ = nullptr;
  Checkpoint checkpoint_;
};

}  // namespace faultline::rewind

#endif  // FAULTLINE_PLUGIN_REWIND_MACHINE_STATE_H_
