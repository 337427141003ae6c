#include "guest_mm/calls/advice.h"
#include "guest_mm/mm/proc_report.h"
#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

class SwapFaultTest : public SwapTest {
 protected:
  SwapFaultTest() {
    Map(0, 4);
    Fill(0, 4);
  }
  PageFaultOutcome FaultAt(uint64_t page, Access access) {
    const PageFaultOutcome o =
        HandlePageFault(mm_, {.address = At(page), .access = access});
    machine_.ValidateStep();
    return o;
  }
};

TEST_F(SwapFaultTest, LoadBringsThePageBackAndIsAMajorFault) {
  SwapOutPage(2);
  const PageFaultOutcome o = FaultAt(2, Access::kRead);
  EXPECT_TRUE(o.handled());
  EXPECT_TRUE(o.major);
  EXPECT_EQ(Load(2), 3);
  EXPECT_EQ(mm_.rss.swap, PageCount(0));
  EXPECT_EQ(mm_.rss.anon, PageCount(4));
  EXPECT_EQ(machine_.system().counters().major_faults, 1u);
  // Read only, so the slot still has the truth and is kept.
  EXPECT_EQ(swap().cached(), PageCount(1));
  EXPECT_EQ(Used(), 1u);
  // It was exclusive: a store needs no fault.
  EXPECT_TRUE(EntryOf(2).write());
  EXPECT_FALSE(EntryOf(2).dirty());
}

TEST_F(SwapFaultTest, StoreBringsThePageBackAndGivesUpTheSlot) {
  SwapOutPage(2);
  const PageFaultOutcome o = FaultAt(2, Access::kWrite);
  EXPECT_TRUE(o.handled());
  EXPECT_TRUE(o.major);
  EXPECT_TRUE(EntryOf(2).dirty());
  EXPECT_EQ(Load(2), 3);
  EXPECT_EQ(Used(), 0u);
}

TEST_F(SwapFaultTest, PageThatIsStillInTheCacheIsAMinorFault) {
  SwapOutPage(2);
  ASSERT_THAT(Madvise(mm_, At(2), kPage, int(Advice::kWillNeed)), Succeeds());
  EXPECT_EQ(swap().cached(), PageCount(1));
  EXPECT_TRUE(EntryOf(2).swap());
  machine_.ValidateStep();
  EXPECT_FALSE(FaultAt(2, Access::kRead).major);
  EXPECT_EQ(Load(2), 3);
  EXPECT_EQ(swap().pages_in(), 1u);
}

TEST_F(SwapFaultTest, SecondTripNeedsNoWriteIfNothingWasStored) {
  SwapOutPage(2);
  EXPECT_EQ(Load(2), 3);
  SwapOutPage(2);
  EXPECT_EQ(swap().pages_out(), 1u);
  EXPECT_EQ(Load(2), 3);
  ASSERT_TRUE(Store(2, 50));
  SwapOutPage(2);
  EXPECT_EQ(swap().pages_out(), 2u);
  EXPECT_EQ(Load(2), 50);
  EXPECT_EQ(Used(), 1u);
}

TEST_F(SwapFaultTest, SlotIsNotKeptWhenSwapIsHalfFull) {
  Map(100, kSlots);
  Fill(100, kSlots);
  for (uint64_t i = 0; i < kSlots / 2; ++i) {
    SwapOutPage(100 + i);
  }
  SwapOutPage(0);
  EXPECT_TRUE(swap().full());
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(swap().cached(), PageCount(0));
}

TEST_F(SwapFaultTest, ForkSharesTheSlotAndEachSideGetsItsOwnOnAStore) {
  SwapOutPage(2);
  AddressSpace& child = Fork();
  machine_.ValidateStep();
  const SwapSlot slot = EntryOf(2).slot();
  EXPECT_EQ(swap().count(slot), 2u);
  EXPECT_FALSE(EntryOf(2).flags.has(EntryFlag::kExclusive));
  EXPECT_EQ(child.rss.swap, PageCount(1));
  ASSERT_TRUE(machine_.Store(child, At(2), 9));
  EXPECT_EQ(Load(2), 3);
  EXPECT_EQ(machine_.Load(child, At(2)), 9);
  ASSERT_TRUE(Store(2, 4));
  EXPECT_EQ(machine_.Load(child, At(2)), 9);
  EXPECT_EQ(Load(2), 4);
  EXPECT_EQ(Used(), 0u);
}

TEST_F(SwapFaultTest, SharersFindOnePageInTheCache) {
  SwapOutPage(2);
  AddressSpace& child = Fork();
  EXPECT_EQ(machine_.Load(child, At(2)), 3);
  EXPECT_EQ(Load(2), 3);
  EXPECT_EQ(machine_.EntryAt(child, At(2)).pfn(), EntryOf(2).pfn());
  EXPECT_FALSE(EntryOf(2).write());
  EXPECT_EQ(swap().pages_in(), 1u);
  // The page hangs from what both have in common.
  EXPECT_EQ(machine_.FrameAt(mm_, At(2)).anon_vma, VmaAt(2).anon_vma.get());
}

TEST_F(SwapFaultTest, LastSharerTakesThePageFromTheCache) {
  AddressSpace& child = Fork();
  SwapOutPage(2);
  EXPECT_EQ(swap().count(EntryOf(2).slot()), 2u);
  EXPECT_EQ(Load(2), 3);
  ASSERT_THAT(Munmap(child, At(0), 4 * kPage), Succeeds());
  machine_.ValidateStep();
  EXPECT_FALSE(EntryOf(2).write());
  const Pfn before = EntryOf(2).pfn();
  ASSERT_TRUE(Store(2, 8));
  EXPECT_EQ(EntryOf(2).pfn(), before);  // no copy
  EXPECT_EQ(Used(), 0u);
}

TEST_F(SwapFaultTest, NoFrameIsOutOfMemoryAndNothingIsLost) {
  SwapOutPage(2);
  bool failed = false;
  FailNthAllocation(0, &failed);
  EXPECT_EQ(FaultAt(2, Access::kRead).kind,
            PageFaultOutcome::Kind::kOutOfMemory);
  EXPECT_TRUE(failed);
  EXPECT_EQ(Load(2), 3);
}

TEST_F(SwapFaultTest, StoreToASharedSlotThatGetsNoCopyKeepsBothSides) {
  SwapOutPage(2);
  AddressSpace& child = Fork();
  bool failed = false;
  FailNthAllocation(1, &failed);
  EXPECT_EQ(FaultAt(2, Access::kWrite).kind,
            PageFaultOutcome::Kind::kOutOfMemory);
  EXPECT_TRUE(failed);
  EXPECT_EQ(Load(2), 3);
  EXPECT_EQ(machine_.Load(child, At(2)), 3);
}

TEST_F(SwapFaultTest, WhatGoesAwayInSwapFreesItsSlot) {
  for (uint64_t i = 0; i < 4; ++i) {
    SwapOutPage(i);
  }
  EXPECT_EQ(Used(), 4u);
  ASSERT_THAT(Madvise(mm_, At(0), kPage, int(Advice::kDontNeed)), Succeeds());
  ASSERT_THAT(Madvise(mm_, At(1), kPage, int(Advice::kFree)), Succeeds());
  ASSERT_THAT(Munmap(mm_, At(2), kPage), Succeeds());
  machine_.ValidateStep();
  EXPECT_EQ(Used(), 1u);
  EXPECT_EQ(mm_.rss.swap, PageCount(1));
  EXPECT_EQ(Load(0), 0);
  EXPECT_EQ(Load(1), 0);
  EXPECT_EQ(Load(3), 4);
}

TEST_F(SwapFaultTest, EndOfTheSpaceFreesItsSlots) {
  AddressSpace& child = Fork();
  SwapOutPage(0);
  SwapOutPage(1);
  machine_.Drop(child);
  machine_.ValidateStep();
  EXPECT_EQ(Used(), 2u);
  ASSERT_THAT(Munmap(mm_, At(0), 4 * kPage), Succeeds());
  machine_.ValidateStep();
  EXPECT_EQ(Used(), 0u);
}

TEST_F(SwapFaultTest, EntryMovesAndChangesItsRightsWithItsMapping) {
  SwapOutPage(1);
  const auto moved = Mremap(mm_, At(0), 4 * kPage, 4 * kPage, 3, At(20));
  ASSERT_THAT(moved, Succeeds());
  machine_.ValidateStep();
  EXPECT_TRUE(EntryOf(21).swap());
  ASSERT_THAT(Mprotect(mm_, At(20), 4 * kPage, 1), Succeeds());
  EXPECT_EQ(Load(21), 2);
  EXPECT_FALSE(EntryOf(21).write());
  ASSERT_THAT(Mprotect(mm_, At(20), 4 * kPage, kRW), Succeeds());
  ASSERT_TRUE(Store(21, 5));
  EXPECT_EQ(Load(21), 5);
}

TEST_F(SwapFaultTest, MincoreKnowsTheCache) {
  SwapOutPage(0);
  SwapOutPage(1);
  ASSERT_THAT(Madvise(mm_, At(1), kPage, int(Advice::kWillNeed)), Succeeds());
  uint8_t in[3];
  ASSERT_THAT(Mincore(mm_, At(0), 3 * kPage, absl::MakeSpan(in)), Succeeds());
  EXPECT_THAT(in, testing::ElementsAre(0, 1, 1));
}

TEST_F(SwapFaultTest, ProcFilesTellOfIt) {
  SwapOutPage(0);
  SwapOutPage(1);
  AddressSpace& child = Fork();
  uint64_t words[2];
  ASSERT_EQ(ReadPagemap(mm_, At(0).value() / kPage, absl::MakeSpan(words)), 2u);
  constexpr uint64_t kSoftDirty = 1ull << 55;
  EXPECT_EQ(words[0] & ~kSoftDirty, 1ull << 62 | 1 << 5);
  EXPECT_EQ(words[1] & ~kSoftDirty, 1ull << 62 | 2 << 5);
  EXPECT_THAT(RenderSmaps(mm_),
              testing::HasSubstr("Swap:                  8 kB\n"
                                 "SwapPss:               4 kB\n"));
  EXPECT_THAT(RenderStatusVm(child),
              testing::HasSubstr("VmSwap:\t       8 kB"));
  EXPECT_THAT(RenderMeminfo(machine_.system()),
              testing::HasSubstr("SwapTotal:          1020 kB\n"
                                 "SwapFree:           1012 kB\n"));
  EXPECT_EQ(Load(0), 1);
  EXPECT_THAT(RenderMeminfo(machine_.system()),
              testing::HasSubstr("SwapCached:            4 kB\n"));
  EXPECT_THAT(RenderVmstat(machine_.system()),
              testing::HasSubstr("pswpin 1\npswpout 2\n"));
}

// A device that fails.

class OneFails : public FailureSource {
 public:
  explicit OneFails(const FailSite& site) : site_(site) {}
  bool ShouldFail(const FailSite& site, uint64_t) override {
    return &site == &site_;
  }

 private:
  const FailSite& site_;
  ScopedFailures installed_{this};
};

TEST_F(SwapFaultTest, WhatCannotBeReadIsABusErrorWhileItIsCached) {
  SwapOutPage(2);
  {
    const OneFails device(kSwapReadError);
    EXPECT_EQ(FaultAt(2, Access::kRead).kind,
              PageFaultOutcome::Kind::kBusError);
  }
  EXPECT_EQ(swap().cached(), PageCount(1));
  EXPECT_EQ(FaultAt(2, Access::kWrite).kind, PageFaultOutcome::Kind::kBusError)
      << "nobody reads it again";
  EXPECT_TRUE(EntryOf(2).swap());
  ASSERT_THAT(Munmap(mm_, At(2), kPage), Succeeds());
  EXPECT_EQ(Used(), 0u);
}

TEST_F(SwapFaultTest, WhatCannotBeWrittenStaysInMemory) {
  {
    const OneFails device(kSwapWriteError);
    EXPECT_EQ(PageOut(machine_, EntryOf(2).pfn()), Fate::kKeep);
  }
  EXPECT_EQ(counters().pglazyfreed, 0u);
  EXPECT_TRUE(FaultAt(2, Access::kRead).handled());
  EXPECT_EQ(Load(2), 3);
}

TEST_F(SwapFaultTest, AShmemPageThatCannotBeReadIsEio) {
  const auto file = machine_.NewFile(Mapping::Kind::kShmem, "text");
  const Pfn pfn = *file->mapping().Find(0);
  ASSERT_EQ(PageOut(machine_, pfn), Fate::kFreed);
  {
    const OneFails device(kSwapReadError);
    EXPECT_EQ(file->mapping().FindOrCreate(0).error(), Errno::kEIO);
  }
  EXPECT_EQ(file->mapping().FindOrCreate(0).error(), Errno::kEIO);
}

// free_page_and_swap_cache(): who cannot lock the page leaves it to reclaim.
TEST_F(SwapFaultTest, APageZappedWhileLockedIsReclaimsToFree)
ABSL_NO_THREAD_SAFETY_ANALYSIS {
  SwapOutPage(2);
  EXPECT_TRUE(FaultAt(2, Access::kRead).handled());
  Frame& page = FrameOf(2);
  const Pfn pfn = EntryOf(2).pfn();
  page.lock.Acquire();
  ASSERT_THAT(Munmap(mm_, At(2), kPage), Succeeds());
  page.lock.Release();
  machine_.ValidateStep();
  EXPECT_EQ(Used(), 1u);
  EXPECT_EQ(PageOut(machine_, pfn), Fate::kFreed);
  EXPECT_EQ(Used(), 0u);
}

}  // namespace
}  // namespace faultline::mm
