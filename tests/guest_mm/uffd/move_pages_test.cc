// Covers: guest_mm/uffd/move_page.cc
#include "guest_mm/uffd/move_pages.h"

#include "tests/guest_mm/uffd/uffd_fixture.h"

namespace faultline::mm {
namespace {

class UffdMoveTest : public UffdTest {
 protected:
  // Pages 0..3 are the target, 8..11 the source.
  void SetUp() override {
    Map(0, 4);
    Map(8, 4);
    ctx_ = NewContext();
    Arm(*ctx_, 0, 4, kUffdModeMissing);
  }
  ErrnoOr<uint64_t> Move(uint64_t to, uint64_t from, uint64_t pages = 1,
                         SourceHoles holes = SourceHoles::kRefused) {
    return UffdMovePages(*ctx_, At(to), Pages(from, pages), holes);
  }
  std::shared_ptr<UffdContext> ctx_;
};

TEST_F(UffdMoveTest, ThePageItselfChangesPlaces) {
  ASSERT_TRUE(Store(8, 5));
  const Pfn page = EntryOf(8).pfn();
  ASSERT_EQ(*Move(0, 8), kPage);
  EXPECT_EQ(EntryOf(0).pfn(), page);
  EXPECT_TRUE(EntryOf(8).none());
  EXPECT_EQ(Load(0), 5);
  EXPECT_EQ(Load(8), 0);
  machine_.Validate();
}

TEST_F(UffdMoveTest, AHoleAtTheSourceIsEnoentUnlessAllowed) {
  ASSERT_TRUE(Store(9, 6));
  EXPECT_THAT(Move(0, 8, 2), FailsWith(Errno::kENOENT));
  EXPECT_EQ(*Move(0, 8, 2, SourceHoles::kAllowed), 2 * kPage);
  EXPECT_EQ(Load(1), 6);
}

TEST_F(UffdMoveTest, SomethingAtTheTargetIsEexist) {
  ASSERT_TRUE(Store(8, 5));
  ASSERT_THAT(Fill(*ctx_, UffdFill::kZero, 0), Succeeds());
  EXPECT_THAT(Move(0, 8), FailsWith(Errno::kEEXIST));
}

TEST_F(UffdMoveTest, BytesDoneWinOverTheError) {
  ASSERT_TRUE(Store(8, 5));
  EXPECT_EQ(*Move(0, 8, 2), kPage);
}

TEST_F(UffdMoveTest, APageSharedWithAChildIsBusy) {
  ASSERT_TRUE(Store(8, 5));
  Fork();
  EXPECT_THAT(Move(0, 8), FailsWith(Errno::kEBUSY));
}

TEST_F(UffdMoveTest, ThePageOfZerosMovesToo) {
  ASSERT_EQ(Load(8), 0);
  ASSERT_EQ(*Move(0, 8), kPage);
  EXPECT_TRUE(EntryOf(0).special());
  EXPECT_TRUE(EntryOf(8).none());
}

TEST_F(UffdMoveTest, APageInSwapMovesAndComesBackWhereItIs) {
  ASSERT_TRUE(Store(8, 5));
  SwapOutPage(8);
  ASSERT_EQ(*Move(1, 8), kPage);
  EXPECT_TRUE(EntryOf(1).swap());
  machine_.Validate();
  EXPECT_EQ(Load(1), 5);
}

TEST_F(UffdMoveTest, MemoryThatIsNotAlikeIsEinval) {
  Map(20, 1, 1);
  EXPECT_THAT(Move(0, 20), FailsWith(Errno::kEINVAL));
  Map(21, 1, kRW, kAnonShared);
  EXPECT_THAT(Move(0, 21), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Move(8, 0), FailsWith(Errno::kEINVAL));  // not armed
  EXPECT_THAT(Move(0, 10, 4), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Move(0, 40), FailsWith(Errno::kENOENT));
}

TEST_F(UffdMoveTest, AgainstStoresNoByteIsLostUnderAnySchedule) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Scheduler scheduler(MakeRandom(seed));
    ASSERT_TRUE(Store(8, 1));
    scheduler.Spawn("mover", [&] {
      EXPECT_THAT(Move(2, 8), Succeeds());
      ctx_->Wake(Pages(2, 1), "move");
    });
    scheduler.Spawn("reader", [&] { EXPECT_EQ(Load(2), 1); });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    machine_.Validate();
    ASSERT_THAT(Madvise(mm_, At(2), kPage, 4), Succeeds());
  }
}

}  // namespace
}  // namespace faultline::mm
