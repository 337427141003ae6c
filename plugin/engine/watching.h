#ifndef FAULTLINE_PLUGIN_ENGINE_WATCHING_H_
#define FAULTLINE_PLUGIN_ENGINE_WATCHING_H_

// Watching: the engine's side of CpuWatch. watching.cc blocks and instructions,
// watch_plans.cc the plans of blocks, watched_access.cc loads and stores.
//
// The engine does not say when it translates a block again, so a plan is
// compared with the guest's memory when it runs for the first time since
// anything may have changed there (`generation_`); and each time it runs, if it
// is on a frame that the guest stores to while it runs from it.

#include <unicorn/unicorn.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "plugin/engine/cpu.h"
#include "plugin/engine/cpu_watch.h"

namespace faultline::engine {

class Watching {
 public:
  Watching(Cpu::Impl& cpu, CpuWatch& watch);

  CpuWatch& watch() { return watch_; }

  // --- from the engine's hooks ---
  void EnterBlock(uint64_t pc, uint32_t bytes) {
    const Slot& slot = SlotOf(pc);
    if (steady_ && slot.key.pc == pc && slot.key.bytes == bytes &&
        slot.epoch == epoch_) [[likely]] {
      current_ = slot.plan;
      *slot.cells[0] += slot.values[0];
      *slot.cells[1] += slot.values[1];
      return;
    }
    EnterBlockSlowly(pc, bytes);
  }
  void BeginInstruction(uint64_t pc);
  void SeeAccess(uint64_t physical, uint32_t bytes, bool store, uint64_t value);
  // A translation was given: what is at `physical` is seen at `va`.
  void SeeFill(uint64_t va, uint64_t physical);

  // --- around each entry in user mode ---
  // True: what runs now was to be seen before, and is not to be again.
  void set_paused(bool paused) {
    paused_ = paused;
    steady_ = false;
  }
  // Other cells are meant by the same operations now.
  void CellsMoved() { ++epoch_; }
  void BeforeEntry();
  void AfterEntry(uc_err err);
  // A run has ended because it needs hooks that it was translated without.
  bool stopped_for_hooks() const { return stopped_for_hooks_; }

  void Gone(const CpuContext& context) {
    iterating_.erase(&context);
    watch_.OnGone(context);
  }

  // Code may have changed, anywhere, and no fill is valid any more.
  void CodeMayChange() {
    ++generation_;
    ++epoch_;
  }
  void FillsForgotten() {
    seen_.clear();
    frame_at_.clear();
  }
  // What was filled at this page of the engine's is not valid any more.
  void FillForgotten(uint64_t page);
  // Code is stored to while it is executed from.
  void StoresToCode(mm::Pfn frame);

 private:
  struct Key {
    uint64_t mm, pc, bytes;
    friend bool operator==(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& k) {
      return H::combine(std::move(h), k.mm, k.pc, k.bytes);
    }
  };
  // What was found for an address, with cells as they are for who runs now.
  struct Slot {
    static constexpr size_t kCells = 2;
    Key key{};
    uint64_t epoch = 0;  // 0: empty, or not for the fast way
    WatchPlan* plan = nullptr;
    uint64_t* cells[kCells] = {};
    uint64_t values[kCells] = {};
  };

  Slot& SlotOf(uint64_t pc) {
    return slots_[(pc >> 2 ^ pc >> 14 ^ pc << 2) % kSlots];
  }
  void EnterBlockSlowly(uint64_t pc, uint32_t bytes);
  void FillSlot(const Key& key, WatchPlan& plan);
  WatchPlan& PlanOf(const Key& key);
  std::vector<uint8_t> ReadCode(uint64_t pc, uint64_t bytes,
                                mm::PhysAddr* physical, bool* unsteady) const;
  void DropPlans();
  void AddMissingHooks();
  bool Missing(const WatchPlan& plan);
  bool GoesOnIterating(uint64_t pc);
  bool IsStoreToItself(uint64_t pc, uint32_t bytes) const;
  // What was added for the current block's instructions from `first` on.
  void TakeBack(size_t first);
  // The instruction at `pc` of the current block has trapped; or is made again
  // at once, and begins only then.
  void EndedAt(uint64_t pc);
  void RepeatsAt(uint64_t pc);
  void FinishAccess();
  uint64_t AddressOf(uint64_t physical, const WatchedInsn& insn) const;

  Cpu::Impl& cpu_;
  CpuWatch& watch_;
  bool paused_ = false;

  // --- plans (watch_plans.cc) ---
  static constexpr size_t kSlots = 4096;  // of the most recent, by address
  std::array<Slot, kSlots> slots_{};
  absl::flat_hash_map<Key, std::unique_ptr<WatchPlan>> plans_;
  absl::flat_hash_set<uint64_t> unsteady_;  // frames, see StoresToCode()
  uint64_t generation_ = 1;
  uint64_t epoch_ = 1;  // of the slots
  uint64_t nowhere_ = 0;

  // --- what is running ---
  // The next block is new, and nothing but its sums is asked for: a slot will
  // do. Whatever makes that untrue clears it; EnterBlockSlowly() sets it.
  bool steady_ = false;
  WatchPlan* current_ = nullptr;
  size_t index_ = 0;  // by instruction: of the one that has begun
  size_t next_ = 0;   // and of the one that should be next
  // The next block is the rest of `current_`, from here; then: its first
  // instruction has been told of.
  std::optional<uint64_t> repeats_;
  bool repeated_ = false;
  // Slices that ended between iterations, and of which instruction.
  absl::flat_hash_map<const CpuContext*, uint64_t> iterating_;
  std::optional<WatchedAccess> pending_;  // see SeeAccess()

  // --- hooks ---
  bool hooks_instructions_ = false, hooks_accesses_ = false;
  bool wants_instructions_ = false, wants_accesses_ = false;
  bool stopped_for_hooks_ = false;

  // The user's pages at which a frame may be in the TLB.
  absl::flat_hash_map<uint64_t, std::vector<uint64_t>> seen_;
  absl::flat_hash_map<uint64_t, uint64_t> frame_at_;  // and the other way
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_WATCHING_H_
