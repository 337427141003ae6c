// The rules of userfaultfd that are not the same in every version of Linux.
// Each with the value that the newest profile does not have.
#include <initializer_list>

#include "guest_mm/rmap/pin.h"
#include "tests/guest_mm/uffd/uffd_fixture.h"

namespace faultline::mm {
namespace {

BehaviourSet With(std::initializer_list<const char*> rules) {
  BehaviourSet set;
  for (const char* rule : rules) {
    EXPECT_TRUE(set.Override(rule).ok()) << rule;
  }
  return set;
}

class WpEnomemIgnoredTest : public UffdTest {
 protected:
  WpEnomemIgnoredTest() : UffdTest(With({"wp-enomem=ignored"})) {}
};

TEST_F(WpEnomemIgnoredTest, WithoutATableTheCallSucceedsAndStoresPassUnseen) {
  Map(0, 1, kRW, kAnonShared);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeWp);
  machine_.phys().set_fail_hook([](AllocPurpose purpose, int) {
    return purpose == AllocPurpose::kTablePte;
  });
  EXPECT_THAT(Protect(*ctx, 0), Succeeds());
  machine_.phys().set_fail_hook(nullptr);
  EXPECT_TRUE(Store(0, 1));
}

class OldFeaturesTest : public UffdTest {
 protected:
  OldFeaturesTest() : UffdTest(With({"uffd-features=minor-shmem"})) {}
};

TEST_F(OldFeaturesTest, SharedMemoryCannotBeProtectedYet) {
  Map(0, 1, kRW, kAnonShared);
  Map(1, 1);
  auto ctx = NewContext();
  EXPECT_THAT(UffdRegister(*ctx, Pages(0, 1), kUffdModeWp),
              FailsWith(Errno::kEINVAL));
  const auto ioctls = UffdRegister(*ctx, Pages(1, 1), kUffdModeWp);
  ASSERT_THAT(ioctls, Succeeds());
  EXPECT_EQ(*ioctls & UffdIoctlBit(UffdIoctl::kMove), 0u);
  EXPECT_EQ(*ioctls & UffdIoctlBit(UffdIoctl::kPoison), 0u);
}

class RemapKeepsTest : public UffdTest {
 protected:
  RemapKeepsTest() : UffdTest(With({"uffd-remap-wp=kept"})) {}
};

TEST_F(RemapKeepsTest, AMovedPageStaysMarkedThoughNobodyWatchesIt) {
  Map(0, 1);
  ASSERT_TRUE(Store(0, 4));
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0), Succeeds());
  constexpr uint64_t kMayMoveFixed = 3;
  ASSERT_THAT(Mremap(mm_, At(0), kPage, kPage, kMayMoveFixed, At(10)),
              Succeeds());
  EXPECT_TRUE(EntryOf(10).flags.has(EntryFlag::kUffdWp));
  EXPECT_TRUE(Store(10, 5));
}

class OwnUnregisterTest : public UffdTest {
 protected:
  OwnUnregisterTest() : UffdTest(With({"uffd-unregister=own"})) {}
};

TEST_F(OwnUnregisterTest, AnothersMemoryIsEINVAL) {
  Map(0, 1);
  auto ctx = NewContext();
  auto other = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  EXPECT_THAT(UffdUnregister(*other, Pages(0, 1)), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(UffdUnregister(*ctx, Pages(0, 1)), Succeeds());
}

class DroppableTest : public UffdTest {
 protected:
  DroppableTest() : UffdTest(With({"uffd-droppable=refused"})) {}
};

TEST_F(DroppableTest, MemoryThatMayGoIsEINVAL) {
  constexpr uint64_t kDroppable = 8;
  Map(0, 1, kRW, kDroppable | kMapAnonymous);
  auto ctx = NewContext();
  EXPECT_THAT(UffdRegister(*ctx, Pages(0, 1), kUffdModeMissing),
              FailsWith(Errno::kEINVAL));
}

// What the longer form of UFFDIO_WRITEPROTECT tells.
class PartialReportTest : public UffdTest {
 protected:
  PartialReportTest() : UffdTest(With({"wp-partial-report=on"})) {}
  ErrnoOr<Done> ProtectAndTell(UffdContext& ctx, uint64_t pages) {
    return UffdWriteProtect(ctx, Pages(0, pages), UffdProtection::kProtect,
                            &report_);
  }
  UffdWpReport report_;
};

TEST_F(PartialReportTest, APinnedPageIsLeftOutAndReported) {
  Map(0, 3);
  for (uint64_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(Store(i, 1));
  }
  const Pfn pinned = EntryOf(1).pfn();
  ASSERT_THAT(GrabPage(machine_.system(), pinned, Grab::kPin), Succeeds());
  auto ctx = NewContext();
  Arm(*ctx, 0, 3, kUffdModeWp);
  report_.skip_pinned = true;
  EXPECT_THAT(ProtectAndTell(*ctx, 3), Succeeds());
  EXPECT_EQ(report_.not_protected, kPage);
  EXPECT_TRUE(EntryOf(0).flags.has(EntryFlag::kUffdWp));
  EXPECT_FALSE(EntryOf(1).flags.has(EntryFlag::kUffdWp));
  EXPECT_TRUE(EntryOf(2).flags.has(EntryFlag::kUffdWp));
  ReleasePage(machine_.system(), pinned, Grab::kPin);
}

TEST_F(PartialReportTest, AnErrorIsToldWithWhatLiesBeyondIt) {
  constexpr uint64_t kOfATable = 512;
  Map(0, 2 * kOfATable, kRW, kAnonShared);
  ASSERT_TRUE(Store(0, 1));  // its table is there, the next one is not
  auto ctx = NewContext();
  Arm(*ctx, 0, 2 * kOfATable, kUffdModeWp);
  machine_.phys().set_fail_hook([](AllocPurpose purpose, int) {
    return purpose == AllocPurpose::kTablePte;
  });
  EXPECT_THAT(ProtectAndTell(*ctx, 2 * kOfATable), FailsWith(Errno::kENOMEM));
  machine_.phys().set_fail_hook(nullptr);
  EXPECT_EQ(report_.not_protected, kOfATable * kPage);
}

TEST_F(PartialReportTest, WhereNothingIsArmedNothingIsProtected) {
  Map(0, 2);
  auto ctx = NewContext();
  EXPECT_THAT(ProtectAndTell(*ctx, 2), FailsWith(Errno::kENOENT));
  EXPECT_EQ(report_.not_protected, 2 * kPage);
}

}  // namespace
}  // namespace faultline::mm
