#include "guest_mm/uffd/register.h"

#include "tests/guest_mm/uffd/uffd_fixture.h"

namespace faultline::mm {
namespace {

class UffdRegisterTest : public UffdTest {
 protected:
  ErrnoOr<uint64_t> Register(UffdContext& ctx, uint64_t page, uint64_t pages,
                             uint64_t modes = kUffdModeMissing) {
    return UffdRegister(ctx, Pages(page, pages), modes);
  }
  ErrnoOr<Done> Unregister(UffdContext& ctx, uint64_t page, uint64_t pages) {
    return UffdUnregister(ctx, Pages(page, pages));
  }
};

TEST_F(UffdRegisterTest, ASplitAtEachEdgeAndAMergeOnTheWayBack) {
  Map(0, 8);
  auto ctx = NewContext();
  ASSERT_THAT(Register(*ctx, 2, 4), Succeeds());
  EXPECT_EQ(Rows(), (Row{"0-2 rw-p", "2-6 rw-p", "6-8 rw-p"}));
  EXPECT_TRUE(UffdMissing(VmaAt(3)));
  EXPECT_FALSE(UffdArmed(VmaAt(0)));
  ASSERT_THAT(Unregister(*ctx, 2, 4), Succeeds());
  EXPECT_EQ(Rows(), (Row{"0-8 rw-p"}));
  EXPECT_EQ(VmaAt(3).uffd, nullptr);
}

TEST_F(UffdRegisterTest, NeighboursOfOneContextAndModeMerge) {
  Map(0, 8);
  auto ctx = NewContext();
  ASSERT_THAT(Register(*ctx, 0, 4), Succeeds());
  ASSERT_THAT(Register(*ctx, 4, 4), Succeeds());
  EXPECT_EQ(Rows(), (Row{"0-8 rw-p"}));
}

TEST_F(UffdRegisterTest, NeighboursOfTwoContextsDoNotMerge) {
  Map(0, 8);
  auto a = NewContext();
  auto b = NewContext();
  ASSERT_THAT(Register(*a, 0, 4), Succeeds());
  ASSERT_THAT(Register(*b, 4, 4), Succeeds());
  EXPECT_EQ(Rows(), (Row{"0-4 rw-p", "4-8 rw-p"}));
}

TEST_F(UffdRegisterTest, TheIoctlsAnsweredDependOnTheModes) {
  Map(0, 1);
  Map(1, 1, kRW, kAnonShared);
  auto ctx = NewContext();
  EXPECT_EQ(*Register(*ctx, 0, 1, kUffdModeMissing), 0x13cu);
  EXPECT_EQ(*Register(*ctx, 0, 1, kUffdModeWp), 0x17cu);
  EXPECT_EQ(*Register(*ctx, 1, 1, kUffdModeMinor), 0x1bcu);
}

TEST_F(UffdRegisterTest, AnothersMemoryIsBusy) {
  Map(0, 2);
  auto a = NewContext();
  auto b = NewContext();
  ASSERT_THAT(Register(*a, 1, 1), Succeeds());
  EXPECT_THAT(Register(*b, 0, 2), FailsWith(Errno::kEBUSY));
  EXPECT_FALSE(UffdArmed(VmaAt(0)));
}

TEST_F(UffdRegisterTest, WhereNothingIsMappedNothingCanBeArmed) {
  auto ctx = NewContext();
  EXPECT_THAT(Register(*ctx, 0, 1), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Unregister(*ctx, 0, 1), FailsWith(Errno::kEINVAL));
}

TEST_F(UffdRegisterTest, HolesInTheRangeArePassedOver) {
  Map(0, 1);
  Map(2, 1);
  auto ctx = NewContext();
  ASSERT_THAT(Register(*ctx, 0, 3), Succeeds());
  EXPECT_TRUE(UffdArmed(VmaAt(0)));
  EXPECT_TRUE(UffdArmed(VmaAt(2)));
}

TEST_F(UffdRegisterTest, FilesCannotBeWatchedButForAsynchronousProtection) {
  MapFile(0, 1, kRW, kMapPrivate,
          machine_.NewFile(Mapping::Kind::kRegular, "x"));
  auto ctx = NewContext();
  EXPECT_THAT(Register(*ctx, 0, 1), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Register(*ctx, 0, 1, kUffdModeWp), FailsWith(Errno::kEINVAL));
  auto async = NewContext(kUffdWpAsync | kUffdWpUnpopulated);
  EXPECT_THAT(Register(*async, 0, 1, kUffdModeWp), Succeeds());
}

TEST_F(UffdRegisterTest, MinorFaultsAreOfSharedMemoryOnly) {
  Map(0, 1);
  auto ctx = NewContext();
  EXPECT_THAT(Register(*ctx, 0, 1, kUffdModeMinor), FailsWith(Errno::kEINVAL));
}

TEST_F(UffdRegisterTest, RangesAreWholePagesAboveTheLowestAddress) {
  const auto judge = [&](uint64_t start, uint64_t length) {
    return ValidateUffdRange(mm_, GuestAddr(start), length).error();
  };
  EXPECT_EQ(judge(kBase, kPage), Errno::kOk);
  EXPECT_EQ(judge(kBase + 1, kPage), Errno::kEINVAL);
  EXPECT_EQ(judge(kBase, kPage - 1), Errno::kEINVAL);
  EXPECT_EQ(judge(kBase, 0), Errno::kEINVAL);
  EXPECT_EQ(judge(0, kPage), Errno::kEINVAL);
  EXPECT_EQ(judge(kBase, ~kPage + 1), Errno::kEINVAL);
  EXPECT_EQ(judge(0x7ffffffff000, kPage), Errno::kEINVAL);
  EXPECT_THAT(ValidateUffdSource(mm_, GuestAddr(kBase + 1), kPage), Succeeds());
}

TEST_F(UffdRegisterTest, UnregisteringWakesWhoWaits) {
  Map(0, 1);
  auto ctx = NewContext();
  ASSERT_THAT(Register(*ctx, 0, 1), Succeeds());
  Spawn("faulter", [&] { EXPECT_EQ(Load(0), 0); });
  Spawn("handler", [&] {
    Next(*ctx);
    EXPECT_THAT(Unregister(*ctx, 0, 1), Succeeds());
  });
  RunToEnd();
}

TEST_F(UffdRegisterTest, UnregisteringReleasesWhatWasProtected) {
  Map(0, 2);
  ASSERT_TRUE(Store(0, 1));
  auto ctx = NewContext(kUffdWpUnpopulated);
  ASSERT_THAT(Register(*ctx, 0, 2, kUffdModeWp), Succeeds());
  ASSERT_THAT(Protect(*ctx, 0, 2), Succeeds());
  ASSERT_THAT(Unregister(*ctx, 0, 2), Succeeds());
  EXPECT_FALSE(EntryOf(0).flags.has(EntryFlag::kUffdWp));
  EXPECT_TRUE(EntryOf(1).none());
  EXPECT_TRUE(Store(0, 2));
}

TEST_F(UffdRegisterTest, AGoneSpaceHasNothingToArm) {
  auto space = AddressSpace::Create(machine_.system()).value();
  auto ctx =
      UffdContext::Create(*space, UffdContext::UserModeOnly::kNo).value();
  space.reset();
  EXPECT_THAT(Register(*ctx, 0, 1), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Unregister(*ctx, 0, 1), FailsWith(Errno::kENOMEM));
  ForgetContext(*ctx);
}

}  // namespace
}  // namespace faultline::mm
