// Covers: guest_mm/uffd/change_uffd_wp.cc
#include "guest_mm/uffd/write_protect.h"

#include "tests/guest_mm/uffd/uffd_fixture.h"

namespace faultline::mm {
namespace {

class UffdWriteProtectTest : public UffdTest {
 protected:
  bool Protected(uint64_t page) {
    return EntryOf(page).flags.has(EntryFlag::kUffdWp);
  }
};

TEST_F(UffdWriteProtectTest, PlainAnonymousMemoryPassesOverAbsentPages) {
  Map(0, 2);
  ASSERT_TRUE(Store(0, 1));
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0, 2), Succeeds());
  EXPECT_TRUE(Protected(0));
  EXPECT_FALSE(EntryOf(0).write());
  EXPECT_TRUE(EntryOf(1).none());
}

TEST_F(UffdWriteProtectTest, SharedMemoryGetsMarkers) {
  Map(0, 2, kRW, kAnonShared);
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0, 2), Succeeds());
  EXPECT_TRUE(EntryOf(0).marker(kMarkerUffdWp));
  ASSERT_THAT(Resolve(*ctx, 0, 2), Succeeds());
  EXPECT_TRUE(EntryOf(0).none());
}

TEST_F(UffdWriteProtectTest, APageThatComesToAMarkerIsProtected) {
  Map(0, 1, kRW, kAnonShared);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0), Succeeds());
  EXPECT_EQ(Load(0), 0);
  EXPECT_TRUE(Protected(0));
  EXPECT_FALSE(EntryOf(0).write());
}

TEST_F(UffdWriteProtectTest, ProtectionOfAFilesPlaceOutlivesItsPage) {
  Map(0, 1, kRW, kAnonShared);
  ASSERT_TRUE(Store(0, 4));
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0), Succeeds());
  ASSERT_THAT(Madvise(mm_, At(0), kPage, 4), Succeeds());
  EXPECT_TRUE(EntryOf(0).marker(kMarkerUffdWp));
  EXPECT_EQ(Load(0), 4);
  EXPECT_TRUE(Protected(0));
}

TEST_F(UffdWriteProtectTest, OfAnonymousMemoryNothingIsKept) {
  Map(0, 1);
  ASSERT_TRUE(Store(0, 4));
  auto ctx = NewContext(kUffdWpUnpopulated);
  Arm(*ctx, 0, 1, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0), Succeeds());
  ASSERT_THAT(Madvise(mm_, At(0), kPage, 4), Succeeds());
  EXPECT_TRUE(EntryOf(0).none());
}

TEST_F(UffdWriteProtectTest, ResolvingGivesAnExclusivePageItsRightBack) {
  Map(0, 1);
  ASSERT_TRUE(Store(0, 4));
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0), Succeeds());
  ASSERT_THAT(Resolve(*ctx, 0), Succeeds());
  EXPECT_TRUE(EntryOf(0).write());
}

TEST_F(UffdWriteProtectTest, ARangeThatIsNotArmedForItIsEnoent) {
  Map(0, 2);
  auto ctx = NewContext();
  EXPECT_THAT(Protect(*ctx, 0), FailsWith(Errno::kENOENT));
  EXPECT_THAT(Protect(*ctx, 9), FailsWith(Errno::kENOENT));
  Arm(*ctx, 0, 1, kUffdModeMissing);
  EXPECT_THAT(Protect(*ctx, 0), FailsWith(Errno::kENOENT));
}

TEST_F(UffdWriteProtectTest, MprotectDoesNotUndoIt) {
  Map(0, 1);
  ASSERT_TRUE(Store(0, 4));
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0), Succeeds());
  ASSERT_THAT(Mprotect(mm_, At(0), kPage, 1), Succeeds());
  ASSERT_THAT(Mprotect(mm_, At(0), kPage, 3), Succeeds());
  EXPECT_TRUE(Protected(0));
  EXPECT_FALSE(EntryOf(0).write());
}

TEST_F(UffdWriteProtectTest, AChildOfForkIsNotProtected) {
  Map(0, 2);
  ASSERT_TRUE(Store(0, 4));
  auto ctx = NewContext(kUffdWpUnpopulated);
  Arm(*ctx, 0, 2, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0, 2), Succeeds());
  AddressSpace& child = Fork();
  EXPECT_FALSE(machine_.EntryAt(child, At(0)).flags.has(EntryFlag::kUffdWp));
  EXPECT_TRUE(machine_.EntryAt(child, At(1)).none());
  EXPECT_TRUE(Protected(0));
  EXPECT_TRUE(machine_.Store(child, At(0), 1));
}

TEST_F(UffdWriteProtectTest, MovedMemoryLosesItWithoutTheEvent) {
  Map(0, 2);
  ASSERT_TRUE(Store(0, 4));
  auto ctx = NewContext(kUffdWpUnpopulated);
  Arm(*ctx, 0, 2, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0, 2), Succeeds());
  constexpr uint64_t kMayMoveFixed = 3;
  ASSERT_THAT(Mremap(mm_, At(0), 2 * kPage, 2 * kPage, kMayMoveFixed, At(10)),
              Succeeds());
  EXPECT_FALSE(UffdArmed(VmaAt(10)));
  EXPECT_FALSE(Protected(10));
  EXPECT_TRUE(EntryOf(11).none());
  EXPECT_TRUE(Store(10, 5));
}

// facts: the error is added to the pages of earlier regions of 1 GiB.
class UffdWpErrnoTest : public UffdWriteProtectTest {
 protected:
  static constexpr uint64_t kGiB = 1ull << 30;
  // `pages` present ones just below the border; above it a place whose table
  // is missing, while the one above that is there.
  Errno ErrorWith(uint64_t pages) {
    const GuestAddr border(kGiB);
    const GuestAddr start = border - 64 * kPage;
    const uint64_t bytes = 64 * kPage + (4ull << 20);
    MmapRequest r;
    r.hint = start;
    r.length = bytes;
    r.prot = kRW;
    r.flags = kAnon | kMapFixed;
    EXPECT_THAT(Mmap(mm_, r), Succeeds());
    for (uint64_t i = 0; i < pages; ++i) {
      EXPECT_TRUE(machine_.Store(mm_, start + i * kPage, 1));
    }
    // The tables below the border, and the pmd table above it.
    EXPECT_EQ(machine_.Load(mm_, border - kPage), 0);
    EXPECT_EQ(machine_.Load(mm_, border + (2ull << 20)), 0);
    auto ctx = NewContext(kUffdWpUnpopulated);
    EXPECT_THAT(UffdRegister(*ctx, GuestRange::At(start, bytes), kUffdModeWp),
                Succeeds());
    machine_.FailAllocations([](AllocPurpose purpose) {
      return purpose == AllocPurpose::kTablePte;
    });
    const Errno error = UffdWriteProtect(*ctx, GuestRange::At(start, bytes),
                                         UffdProtection::kProtect)
                            .error();
    machine_.FailAllocations(nullptr);
    ctx->Release();
    EXPECT_THAT(Munmap(mm_, start, bytes), Succeeds());
    return error;
  }
};

TEST_F(UffdWpErrnoTest, CountsHideTheErrorAsInLinux) {
  // Markers count as pages do, so the 64 places below hide it whole.
  EXPECT_EQ(ErrorWith(0), Errno::kOk);
  EXPECT_EQ(ErrorWith(20), Errno::kOk);
}

}  // namespace
}  // namespace faultline::mm
