#include "guest_mm/gup/gup.h"

#include <string>

#include "guest_mm/sync/scheduler.h"
#include "tests/guest_mm/gup/gup_fixture.h"
#include "tests/guest_mm/testing/fake_backing.h"

namespace faultline::mm {
namespace {

constexpr int kMadvFree = 8;

TEST_F(GupTest, PagesAreFaultedInAndAnswerInOrder) {
  Map(0, 4);
  EXPECT_EQ(*Hold(0, 4, kPinToWrite), 4u);
  for (uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(EntryOf(i).pfn(), Held(i));
    EXPECT_TRUE(EntryOf(i).write());
  }
  EXPECT_TRUE(mm_.has_pinned);
}

TEST_F(GupTest, HoleIsEFAULTAndAfterSomePagesAShortCount) {
  Map(0, 2);
  EXPECT_EQ(*Hold(0, 4, kGetToRead), 2u);
  EXPECT_THAT(Hold(2, 1, kGetToRead), FailsWith(Errno::kEFAULT));
}

TEST_F(GupTest, NoFaultTakesWhatIsThere) {
  Map(0, 2);
  Fill(0, 1);
  EXPECT_EQ(*Hold(0, 2, {.no_fault = true}), 1u);
  EXPECT_FALSE(Present(1));
}

TEST_F(GupTest, PageInSwapIsBroughtBack) {
  Map(0, 1);
  Fill(0, 1);
  SwapOutPage(0);
  ASSERT_THAT(Hold(0, 1, kPinToRead), Succeeds());
  EXPECT_EQ(int(*BytesHeld(0)), 1);
}

TEST_F(GupTest, FailedAllocationIsENOMEM) {
  Map(0, 1);
  Fill(0, 1);  // the tables
  ASSERT_THAT(Madvise(mm_, At(0), kPage, 4), Succeeds());
  bool failed = false;
  FailNthAllocation(0, &failed);
  EXPECT_THAT(Hold(0, 1, kPinToWrite), FailsWith(Errno::kENOMEM));
  EXPECT_TRUE(failed);
}

TEST_F(GupTest, WhoIsBeingKilledGetsNothing) {
  Map(0, 1);
  Scheduler scheduler(MakeRoundRobin());
  Actor& actor = scheduler.Spawn("program", [&] {
    EXPECT_THAT(Hold(0, 1, kPinToWrite), FailsWith(Errno::kEINTR));
  });
  scheduler.Interrupt(actor, Interruption::kFatal);
  EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  EXPECT_FALSE(Present(0));
}

TEST_F(GupTest, ReadOnlyPinGetsACopyOfItsOwnBeforeAnyoneStores) {
  Map(0, 1);
  Fill(0, 1);
  const Pfn original = EntryOf(0).pfn();
  AddressSpace& child = Fork();
  ASSERT_THAT(Hold(0, 1, kGetToRead), Succeeds());
  EXPECT_EQ(Held(0), original) << "who only looks now, shares";
  ReleaseAll();
  ASSERT_THAT(Hold(0, 1, kPinToRead), Succeeds());
  EXPECT_NE(Held(0), original);
  EXPECT_EQ(Held(0), EntryOf(0).pfn());
  EXPECT_FALSE(EntryOf(0).write()) << "nobody has stored";
  EXPECT_EQ(int(*BytesHeld(0)), 1);
  ASSERT_TRUE(Store(0, 9));
  EXPECT_EQ(EntryOf(0).pfn(), Held(0));
  EXPECT_EQ(machine_.Load(child, At(0)), 1);
}

TEST_F(GupTest, LastSharerUnsharesWithoutACopy) {
  Map(0, 1);
  Fill(0, 1);
  const Pfn original = EntryOf(0).pfn();
  machine_.Drop(Fork());
  ASSERT_FALSE(FrameOf(0).anon_exclusive);
  ASSERT_THAT(Hold(0, 1, kPinToRead), Succeeds());
  EXPECT_EQ(Held(0), original);
  EXPECT_TRUE(FrameOf(0).anon_exclusive);
  EXPECT_FALSE(EntryOf(0).write());
}

TEST_F(GupTest, ForkCopiesWhatIsPinnedAndTheParentKeepsItsPage) {
  Map(0, 2);
  Fill(0, 2);
  ASSERT_THAT(Hold(0, 1, kPinToWrite), Succeeds());
  AddressSpace& child = Fork();
  EXPECT_TRUE(EntryOf(0).write()) << "no right was taken away";
  EXPECT_NE(machine_.EntryAt(child, At(0)).pfn(), Held(0));
  EXPECT_TRUE(machine_.EntryAt(child, At(0)).write());
  EXPECT_EQ(machine_.Load(child, At(0)), 1);
  EXPECT_EQ(machine_.EntryAt(child, At(1)).pfn(), EntryOf(1).pfn()) << "shared";
  *BytesHeld(0) = std::byte{77};  // the device writes
  EXPECT_EQ(Load(0), 77);
  EXPECT_EQ(machine_.Load(child, At(0)), 1);
}

TEST_F(GupTest, ForkWithoutMemoryForTheCopyFails) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Hold(0, 1, kPinToWrite), Succeeds());
  machine_.FailAllocations(
      [](AllocPurpose purpose) { return purpose == AllocPurpose::kAnon; });
  EXPECT_THAT(DupMm(mm_), FailsWith(Errno::kENOMEM));
  machine_.FailAllocations(nullptr);
  EXPECT_EQ(mm_.write_protect_seq % 2, 0u);
  machine_.ValidateStep();
}

TEST_F(GupTest, PinnedPageIsNotSwappedOutAndAfterwardsIs) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Hold(0, 1, kPinToWrite), Succeeds());
  EXPECT_EQ(PageOut(machine_, Held(0)), Fate::kKeep);
  EXPECT_TRUE(EntryOf(0).present());
  EXPECT_EQ(Used(), 0u) << "no slot was wasted on it";
  ReleaseAll();
  SwapOutPage(0);
}

// It had a slot already, so only its entry stops it.
TEST_F(GupTest, PinnedPageOfTheSwapCacheKeepsItsEntry) {
  Map(0, 1);
  Fill(0, 1);
  SwapOutPage(0);
  ASSERT_EQ(Load(0), 1);
  ASSERT_TRUE(InSwapCache(FrameOf(0)));
  ASSERT_THAT(Hold(0, 1, kPinToRead), Succeeds());
  EXPECT_NE(PageOut(machine_, Held(0)), Fate::kFreed);
  EXPECT_EQ(EntryOf(0).pfn(), Held(0));
}

TEST_F(GupTest, PageGivenUpIsNotDroppedWhileSomebodyMayWriteToIt) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Madvise(mm_, At(0), kPage, kMadvFree), Succeeds());
  ASSERT_THAT(Hold(0, 1, kGetToRead), Succeeds());
  EXPECT_NE(PageOut(machine_, Held(0)), Fate::kFreed);
  EXPECT_EQ(EntryOf(0).pfn(), Held(0));
}

TEST_F(GupTest, PinnedPageOfAFileIsNotReclaimed) {
  FakeBacking::Bytes bytes(kPage, 'f');
  MapFile(0, 1, kRW, kMapShared, MakeBackedFile(machine_.phys(), &bytes));
  ASSERT_THAT(Hold(0, 1, kPinToRead), Succeeds());
  EXPECT_EQ(PageOut(machine_, Held(0)), Fate::kActivate);
  EXPECT_EQ(VmaAt(0).file->mapping().cached(), PageCount(1));
}

}  // namespace
}  // namespace faultline::mm
