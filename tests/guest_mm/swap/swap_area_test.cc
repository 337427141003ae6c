#include "guest_mm/swap/swap_area.h"

#include <cstring>

#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

class SwapAreaTest : public SwapTest {
 protected:
  // A page of somebody's, locked, with one reference.
  Pfn NewPage(char letter) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    const Pfn pfn = *machine_.phys().Allocate(AllocPurpose::kKernel);
    machine_.phys().frame(pfn).lock.Acquire();
    std::memset(machine_.phys().Data(pfn), letter, kPage);
    return pfn;
  }
  void Done(Pfn pfn) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    machine_.phys().frame(pfn).lock.Release();
    machine_.phys().Put(pfn);
  }
  Frame& FrameOf(Pfn pfn) { return machine_.phys().frame(pfn); }
  static bool Always() { return true; }
};

TEST_F(SwapAreaTest, FirstPageIsTheHeader) {
  EXPECT_EQ(swap().total(), PageCount(kSlots));
  const Pfn pfn = NewPage('a');
  ASSERT_TRUE(swap().AddToSwap(pfn));
  EXPECT_EQ(FrameOf(pfn).swap_slot, SwapSlot(1));
  EXPECT_EQ(swap().free(), PageCount(kSlots - 1));
  EXPECT_EQ(swap().cached(), PageCount(1));
  swap().RemoveFromCache(pfn);
  EXPECT_EQ(swap().free(), PageCount(kSlots));
  Done(pfn);
}

TEST_F(SwapAreaTest, MapOfSlotsIsPaidFor) {
  TestMachine without(x86::Ops());
  TestMachine with(x86::Ops(), 16 << 20, 16 << 20);
  EXPECT_EQ(with.phys().used(FrameUse::kKernel) -
                without.phys().used(FrameUse::kKernel),
            PageCount(4096 * SwapArea::kSlotCost / kPage));
}

TEST_F(SwapAreaTest, MapMustFitIntoTheMachine) {
  FakeTlb tlb;
  const auto made = MemoryManager::Create(
      x86::Ops(), tlb, {.memory_bytes = 1 << 20, .swap_bytes = 4ull << 30});
  EXPECT_EQ(made.status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(SwapAreaTest, GivesTheLowestFreeSlotAndNoneBeyondTheLast) {
  std::vector<Pfn> pages;
  for (uint64_t i = 0; i < kSlots; ++i) {
    pages.push_back(NewPage('x'));
    ASSERT_TRUE(swap().AddToSwap(pages.back()));
    ASSERT_EQ(FrameOf(pages.back()).swap_slot, SwapSlot(i + 1));
  }
  const Pfn more = NewPage('y');
  EXPECT_FALSE(swap().AddToSwap(more));
  EXPECT_FALSE(InSwapCache(FrameOf(more)));
  for (const uint64_t i : {7, 3}) {
    swap().RemoveFromCache(pages[i]);
  }
  ASSERT_TRUE(swap().AddToSwap(more));
  EXPECT_EQ(FrameOf(more).swap_slot, SwapSlot(4));
  swap().RemoveFromCache(more);
  Done(more);
  for (const Pfn pfn : pages) {
    if (InSwapCache(FrameOf(pfn))) {
      swap().RemoveFromCache(pfn);
    }
    Done(pfn);
  }
  EXPECT_EQ(swap().free(), PageCount(kSlots));
}

TEST_F(SwapAreaTest, BytesComeBackFromTheSlot) {
  const Pfn pfn = NewPage('q');
  ASSERT_TRUE(swap().AddToSwap(pfn));
  const SwapSlot slot = FrameOf(pfn).swap_slot;
  EXPECT_TRUE(FrameOf(pfn).dirty);
  swap().Dup(slot);
  swap().Write(pfn);
  EXPECT_FALSE(FrameOf(pfn).dirty);
  swap().RemoveFromCache(pfn);
  Done(pfn);
  EXPECT_EQ(swap().count(slot), 1u);
  EXPECT_EQ(swap().Cached(slot), std::nullopt);

  const auto read = swap().ReadIn(slot, AllocPurpose::kKernel, Always);
  ASSERT_THAT(read, Succeeds());
  EXPECT_TRUE(read->read);
  EXPECT_EQ(machine_.phys().Data(read->pfn)[kPage - 1], std::byte('q'));
  EXPECT_TRUE(FrameOf(read->pfn).uptodate);
  // Whoever comes next finds it.
  const auto found = swap().ReadIn(slot, AllocPurpose::kKernel, Always);
  ASSERT_THAT(found, Succeeds());
  EXPECT_FALSE(found->read);
  EXPECT_EQ(found->pfn, read->pfn);
  EXPECT_EQ(swap().pages_in(), 1u);
  EXPECT_EQ(swap().pages_out(), 1u);

  EXPECT_FALSE(swap().FreeSwap(read->pfn));  // the slot is still wanted
  swap().Drop(slot);
  EXPECT_TRUE(swap().FreeSwap(read->pfn));
  EXPECT_TRUE(FrameOf(read->pfn).dirty);  // its bytes are nowhere else
  EXPECT_EQ(Used(), 0u);
  machine_.phys().Put(read->pfn);
  machine_.phys().Put(read->pfn);
}

TEST_F(SwapAreaTest, ReadingWhatNobodyWantsIsToldToLookAgain) {
  const Pfn pfn = NewPage('q');
  ASSERT_TRUE(swap().AddToSwap(pfn));
  const SwapSlot slot = FrameOf(pfn).swap_slot;
  swap().Dup(slot);
  swap().RemoveFromCache(pfn);
  Done(pfn);
  const PageCount free = machine_.phys().free();
  EXPECT_THAT(swap().ReadIn(slot, AllocPurpose::kKernel, [] { return false; }),
              FailsWith(Errno::kEAGAIN));
  EXPECT_EQ(machine_.phys().free(), free);
  machine_.FailAllocations([](AllocPurpose) { return true; });
  EXPECT_THAT(swap().ReadIn(slot, AllocPurpose::kKernel, Always),
              FailsWith(Errno::kENOMEM));
  machine_.FailAllocations(nullptr);
  swap().Drop(slot);
  EXPECT_EQ(Used(), 0u);
}

TEST_F(SwapAreaTest, LastEntryTakesTheCachedPageAlong) {
  const Pfn pfn = NewPage('q');
  ASSERT_TRUE(swap().AddToSwap(pfn));
  const SwapSlot slot = FrameOf(pfn).swap_slot;
  swap().Dup(slot);
  swap().Dup(slot);
  Done(pfn);  // the cache's reference is the only one
  swap().DropAndCache(slot);
  EXPECT_EQ(swap().Cached(slot), pfn);
  swap().DropAndCache(slot);
  EXPECT_EQ(FrameOf(pfn).use, FrameUse::kFree);
  EXPECT_EQ(Used(), 0u);
}

TEST_F(SwapAreaTest, HalfUsedIsFull) {
  std::vector<Pfn> pages;
  for (uint64_t i = 0; i < kSlots / 2; ++i) {
    pages.push_back(NewPage('x'));
    ASSERT_TRUE(swap().AddToSwap(pages.back()));
  }
  EXPECT_FALSE(swap().full());
  pages.push_back(NewPage('x'));
  ASSERT_TRUE(swap().AddToSwap(pages.back()));
  EXPECT_TRUE(swap().full());
  for (const Pfn pfn : pages) {
    swap().RemoveFromCache(pfn);
    Done(pfn);
  }
}

}  // namespace
}  // namespace faultline::mm
