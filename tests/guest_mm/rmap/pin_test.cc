#include "guest_mm/rmap/pin.h"

#include <limits>

#include "guest_mm/thp/split_folio.h"
#include "tests/guest_mm/gup/gup_fixture.h"
#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

using PinTest = GupTest;

TEST_F(PinTest, PinCountsAsAThousandReferencesOfAPageAndIsTakenForOne) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Hold(0, 1, kGetToRead), Succeeds());
  EXPECT_EQ(FrameOf(0).refcount, 2);
  EXPECT_FALSE(MaybeDmaPinned(FrameOf(0)));
  ASSERT_THAT(Hold(0, 1, kPinToRead), Succeeds());
  EXPECT_EQ(FrameOf(0).refcount, 2 + kPinBias);
  EXPECT_TRUE(MaybeDmaPinned(FrameOf(0)));
  ReleaseAll();
  EXPECT_EQ(FrameOf(0).refcount, 1);
}

TEST_F(PinTest, PageOfZerosIsHeldByNobody) {
  Map(0, 1);
  const int32_t before =
      machine_.phys().frame(machine_.system().zero_page()).refcount;
  ASSERT_THAT(Hold(0, 1, kPinToRead), Succeeds());
  EXPECT_EQ(Held(0), machine_.system().zero_page());
  EXPECT_EQ(machine_.phys().frame(Held(0)).refcount, before);
}

TEST_F(PinTest, MoreHoldersThanCanBeCountedIsENOMEM) {
  Map(0, 1);
  Fill(0, 1);
  Frame& frame = FrameOf(0);
  const int32_t honest =
      std::exchange(frame.refcount, std::numeric_limits<int32_t>::max() - 9);
  EXPECT_THAT(GrabPage(machine_.system(), EntryOf(0).pfn(), Grab::kPin),
              FailsWith(Errno::kENOMEM));
  EXPECT_EQ(frame.refcount, std::numeric_limits<int32_t>::max() - 9);
  frame.refcount = honest;
}

TEST_F(PinTest, PinnedPageOutlivesItsMappingAndNoLonger) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Hold(0, 1, kPinToWrite), Succeeds());
  ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  machine_.ValidateStep();
  const Pfn pfn = Held(0);
  EXPECT_EQ(machine_.phys().frame(pfn).refcount, kPinBias);
  EXPECT_EQ(int(*BytesHeld(0)), 1);
  ReleaseAll();
  EXPECT_EQ(machine_.phys().frame(pfn).use, FrameUse::kFree);
}

TEST_F(PinTest, UnpinDirtySaysThatThePageWasWritten) {
  Map(0, 1);
  Fill(0, 1);
  SwapOutPage(0);
  EXPECT_EQ(Load(0), 1);
  const Pfn pfn = EntryOf(0).pfn();
  ASSERT_FALSE(machine_.phys().frame(pfn).dirty);
  ASSERT_TRUE(GrabPage(machine_.system(), pfn, Grab::kPin).ok());
  UnpinDirty(machine_.system(), pfn);
  EXPECT_TRUE(FrameOf(0).dirty);
  EXPECT_EQ(FrameOf(0).refcount, 2) << "the entry's and the swap cache's";
}

TEST_F(PinTest, OnlyASpaceThatHasPinnedNeedsCopies) {
  Map(0, 1);
  Fill(0, 1);
  FrameOf(0).refcount += kPinBias;  // or as many readers
  EXPECT_FALSE(NeedsCowForDma(mm_, FrameOf(0)));
  mm_.has_pinned = true;
  EXPECT_TRUE(NeedsCowForDma(mm_, FrameOf(0)));
  FrameOf(0).refcount -= kPinBias;
  EXPECT_FALSE(NeedsCowForDma(mm_, FrameOf(0)));
}

class HugePinTest : public HugeTest {
 protected:
  HugePinTest() { Map(Huge(0), huge()); }
  // Pins base page `i`.
  Pfn Pin(uint64_t i) {
    std::vector<Pfn> pages;
    EXPECT_TRUE(
        GetUserPages(mm_, At(i), 1, {.grab = Grab::kPin, .write = true}, &pages)
            .ok());
    m_.CountHeld(1);
    return pages.at(0);
  }
  void Unpin(Pfn pfn) {
    m_.CountHeld(-1);
    ReleasePage(m_.system(), pfn, Grab::kPin);
  }
  bool Split(Pfn pfn) {
    m_.Hold(pfn);
    Frame& folio = m_.phys().folio(pfn);
    bool split = false;
    {
      LockGuard guard(folio.lock);
      split = SplitFolio(m_.system(), m_.phys().HeadOf(pfn)).ok();
    }
    m_.LetGo(m_.phys().HeadOf(pfn));
    return split;
  }
};
INSTANTIATE_HUGE_TEST(HugePinTest);

TEST_P(HugePinTest, FolioCountsThePinsOfItsPages) {
  ASSERT_TRUE(Store(At(0), 1));
  const Pfn head = m_.EntryAt(mm_, At(0)).pfn();
  const Pfn a = Pin(3), b = Pin(5);
  EXPECT_EQ(a, head + 3);
  EXPECT_EQ(m_.phys().frame(head).pincount, 2);
  EXPECT_EQ(m_.phys().frame(head).refcount, 3);
  EXPECT_TRUE(MaybeDmaPinned(m_.phys().frame(head)));
  Unpin(a);
  Unpin(b);
  EXPECT_FALSE(MaybeDmaPinned(m_.phys().frame(head)));
}

TEST_P(HugePinTest, PinnedFolioIsNotSplit) {
  ASSERT_TRUE(Store(At(0), 1));
  const Pfn pfn = Pin(7);
  EXPECT_FALSE(Split(pfn));
  EXPECT_EQ(m_.phys().folio(pfn).order, geometry().HugeOrder());
  Unpin(pfn);
}

TEST_P(HugePinTest, ForkSplitsTheEntryAndCopiesThePages) {
  ASSERT_TRUE(Store(At(3), 33));
  const Pfn pinned = Pin(3);
  AddressSpace& child = m_.Adopt(*DupMm(mm_));
  EXPECT_FALSE(IsHuge(At(3)));
  EXPECT_FALSE(IsHuge(child, At(3)));
  EXPECT_EQ(m_.Load(child, At(3)), 33);
  EXPECT_NE(m_.EntryAt(child, At(3)).pfn(), pinned);
  ASSERT_TRUE(Store(At(3), 34));
  EXPECT_EQ(m_.EntryAt(mm_, At(3)).pfn(), pinned);
  EXPECT_EQ(m_.Load(child, At(3)), 33);
  Unpin(pinned);
}

}  // namespace
}  // namespace faultline::mm
