#include "plugin/rewind/machine_state.h"

namespace faultline::rewind {

void AddMemory(Checkpoint& checkpoint, mm::MemoryManager& memory,
               const engine::Cpu& cpu) {
  mm::PhysMem& phys = memory.phys();
  checkpoint.Add(phys.ram(), phys.bytes());
  // A tag of four bits for 16 bytes; none without tags.
  if (const auto tags = phys.tags().Of(mm::Pfn(0)); !tags.empty()) {
    checkpoint.Add(const_cast<std::byte*>(tags.data()), phys.bytes() / 32);
  }
  if (const auto swap = memory.swap().bytes(); !swap.empty()) {
    checkpoint.Add(swap.data(), swap.size());
  }
  cpu.ForEachHostMemory([&checkpoint](absl::Span<std::byte> block) {
    checkpoint.Add(block.data(), block.size());
  });
}

absl::Status MachineState::Save() {
  if (!saved_) {
    if (absl::Status s = kernel_.cpu().KeepTranslations(); !s.ok()) {
      return s;
    }
    saved_ = true;
  }
  active_ = mm::Scheduler::Active();
  failures_ = mm::FailureSource::Active();
  loaded_ = kernel_.cpu().Unload();
  AddMemory(checkpoint_, kernel_.memory(), kernel_.cpu());
  checkpoint_.Add(arena_.base(), arena_.used());
  if (!checkpoint_.Save()) {
    return absl::InternalError("the host cannot watch memory");
  }
  fds_.Mark();
  Load();
  return absl::OkStatus();
}

void MachineState::Restore() {
  checkpoint_.Restore();
  fds_.PutBack();
  mm::Scheduler::SetActive(active_);
  mm::FailureSource::Install(failures_);
  Load();
}

void MachineState::Load() {
  if (loaded_.context != nullptr) {
    kernel_.cpu().SwitchTo(loaded_.mm, loaded_.context);
  }
}

}  // namespace faultline::rewind
