#ifndef FAULTLINE_PLUGIN_LAB_COPY_MACHINE_H_
#define FAULTLINE_PLUGIN_LAB_COPY_MACHINE_H_

// CopyMachine: a machine without programs, to run the guest kernel image's
// loops over user memory that an experiment lays out, while somebody
// interferes; and the watcher that tells a loop which gets on from one that
// does not.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/mm/memory_manager.h"
#include "images/kernel/loops.h"
#include "plugin/engine/cpu.h"
#include "plugin/linux/kernel_code.h"

namespace faultline::lab {

// How a loop ended.
struct LoopOutcome {
  // kLivelock: the same state came twice, and nobody was left who could change
  // it. kLong: too many rounds for the bound.
  enum class End : uint8_t { kReturned, kLivelock, kLong };
  End end = End::kReturned;
  int64_t value = 0;    // what it returned
  unsigned rounds = 0;  // begun
  // What happened, in order; of a livelock from `cycle` on, again and again.
  std::vector<std::string> steps;
  size_t cycle = 0;
  // Faults that were resolved, and the bytes moved when the first one was not;
  // none: there was no such fault.
  unsigned resolved = 0;
  std::optional<uint64_t> moved_at_refusal;
};
// "4096", "EFAULT", "livelock"
std::string ToString(const LoopOutcome& outcome);
// The cycle as lines, "" if there is none.
std::string CycleText(const LoopOutcome& outcome);

// Whoever interferes: called after a probe has passed with what it looked at.
// True: it did something, which the steps then tell by `*what`.
using Interference =
    std::function<bool(uint64_t address, uint64_t bytes, std::string* what)>;
// Interferences that it may still make: a loop is stuck only when none are.
struct Adversary {
  unsigned left = 0;
  Interference act;
};

class CopyMachine {
 public:
  static constexpr uint64_t kBase = 0x10000000;

  explicit CopyMachine(engine::Arch arch, mm::BehaviourSet behaviours = {});
  ~CopyMachine();
  CopyMachine(const CopyMachine&) = delete;
  CopyMachine& operator=(const CopyMachine&) = delete;

  uint64_t page() const { return page_; }
  mm::AddressSpace& space() { return *space_; }
  const mm::BehaviourSet& behaviours() { return memory_->behaviours(); }

  // Anonymous memory at kBase + `offset` pages; `prot` may have PROT_MTE.
  void Map(uint64_t offset, uint64_t pages, uint64_t prot);
  void Protect(uint64_t offset, uint64_t pages, uint64_t prot);
  // Fills pages in, so that no fault is needed for a load or a store.
  void Populate(uint64_t offset, uint64_t pages);
  // To swap: the next access faults.
  void PageOut(uint64_t offset, uint64_t pages);
  // Takes flags from the entry of a page that is there: young, as ageing does,
  // or write and dirty, as write-back does.
  void Weaken(uint64_t offset, mm::EntryFlags taken);
  // Of [address, address + bytes), which is present.
  void SetTags(uint64_t address, uint64_t bytes, mm::MemoryTag tag);

  // Runs `loop` on `request`, whose `kernel` and `page` are filled in.
  LoopOutcome Run(engine::KernelRoutine loop, LoopRequest request,
                  engine::TagChecks checks = {}, Adversary adversary = {});
  // One routine by itself.
  uint64_t Call(engine::KernelRoutine routine, uint64_t a, uint64_t b,
                uint64_t c, engine::TagChecks checks = {});
  // fault_in_safe_writeable() by itself.
  uint64_t ProbeByGup(uint64_t address, uint64_t bytes);
  // The kernel's side of copies: seven pages.
  uint64_t kernel_buffer() const;
  // What is in the first of them, and in a page of the user's that is there.
  absl::Span<std::byte> KernelBytes();
  absl::Span<std::byte> UserBytes(uint64_t offset);

 private:
  class Watcher;

  uint64_t StateOf(uint64_t address, uint64_t bytes);
  mm::GuestAddr Untagged(uint64_t address) const;

  std::unique_ptr<engine::Cpu> cpu_;
  std::unique_ptr<mm::MemoryManager> memory_;
  std::shared_ptr<mm::AddressSpace> space_;
  std::unique_ptr<os::KernelCode> code_;
  mm::Pfn kernel_block_;  // a page for requests, the rest for data
  uint64_t page_ = 0;
};

}  // namespace faultline::lab

#endif  // FAULTLINE_PLUGIN_LAB_COPY_MACHINE_H_
