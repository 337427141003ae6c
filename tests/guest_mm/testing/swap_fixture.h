#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_SWAP_FIXTURE_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_SWAP_FIXTURE_H_

// SwapTest: a machine with a little swap, and pages sent there one by one.

#include "guest_mm/file/mapping.h"
#include "guest_mm/reclaim/reclaim.h"
#include "guest_mm/reclaim/shrink_folio.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {

// What MADV_PAGEOUT does with one page, whoever maps it.
inline Fate PageOut(TestMachine& machine, Pfn pfn) {
  MemoryManager& system = machine.system();
  Isolate(system, pfn);
  const Fate fate = ShrinkOrPutBack(system, pfn, UseCheck::kIgnore);
  machine.ValidateStep();
  return fate;
}

class SwapTest : public CallsTest {
 protected:
  static constexpr uint64_t kSlots = 255;
  explicit SwapTest(const BehaviourSet& behaviours = {})
      : CallsTest((kSlots + 1) * kPage, behaviours) {}

  SwapArea& swap() { return machine_.system().swap(); }
  ReclaimCounters& counters() { return machine_.system().reclaim_counters(); }
  void SwapOutPage(uint64_t page) {
    ASSERT_EQ(PageOut(machine_, EntryOf(page).pfn()), Fate::kFreed);
    ASSERT_TRUE(EntryOf(page).swap());
  }
  Entry EntryOf(uint64_t page) { return machine_.EntryAt(mm_, At(page)); }
  Frame& FrameOf(uint64_t page) { return machine_.FrameAt(mm_, At(page)); }
  uint64_t Used() { return (swap().total() - swap().free()).value(); }
  AddressSpace& Fork() { return machine_.Adopt(*DupMm(mm_)); }
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_SWAP_FIXTURE_H_
