// The rules of userfaultfd that are not the same in every version of Linux.
// Each with the value that the newest profile does not have.
#include <initializer_list>
#include <string>
#include <string_view>

#include "guest_mm/rmap/pin.h"
#include "tests/guest_mm/testing/switch_at.h"
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
  machine_.FailAllocations(
      [](AllocPurpose purpose) { return purpose == AllocPurpose::kTablePte; });
  EXPECT_THAT(Protect(*ctx, 0), Succeeds());
  machine_.FailAllocations(nullptr);
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

// A table taken away, and a huge page put in its place, while a copy stands at
// `site`, as a collapse and a fault would.
class TableRaceTest : public UffdTest {
 protected:
  explicit TableRaceTest(std::initializer_list<const char*> rules = {},
                         const PointSite& site = kUffdTablePoint)
      : UffdTest(With(rules)), race_(SwitchAt::Make(site)) {
    machine_.system().set_bug_handler(
        [this](std::string_view where) { bug_ = where; });
  }
  enum class Then : uint8_t { kNothing, kHugePage };
  Errno CopyWhileTheTableGoes(Then then) {
    constexpr uint64_t kOfATable = 512;
    machine_.system().thp().settings.enabled = ThpEnabled::kNever;
    Map(0, kOfATable);
    Map(2 * kOfATable, 1);  // a source whose table is another
    EXPECT_TRUE(Store(2 * kOfATable, 1));
    if (tables_there_) {
      EXPECT_EQ(machine_.Load(mm_, At(1)), 0);
      ZapRange(mm_, VmaAt(0), Pages(0, kOfATable));
    }
    auto ctx = NewContext();
    Arm(*ctx, 0, kOfATable, kUffdModeWp);
    Errno error = Errno::kOk;
    UffdFillRequest r;
    r.range = Pages(0, 1);
    r.source = At(2 * kOfATable);
    r.from = &mm_;
    race_.Spawn("copier", [&] { error = UffdFillRange(*ctx, r).error(); });
    race_.Spawn("khugepaged", [&] {
      const GuestRange all = Pages(0, kOfATable);
      mm_.page_table().FreeEmptyTables(all, all);
      if (then == Then::kHugePage) {
        machine_.system().thp().settings.enabled = ThpEnabled::kAlways;
        EXPECT_EQ(Touch(0, Access::kWrite), PageFaultOutcome::Kind::kDone);
        EXPECT_EQ(mm_.page_table().Walk(At(0)).level, 1);
      }
    });
    EXPECT_EQ(race_.Run(), Scheduler::End::kAllDone);
    ctx->Release();
    return error;
  }
  Scheduler race_;
  bool tables_there_ = false;
  std::string bug_;
};

TEST_F(TableRaceTest, BetweenTheTwoLooksIsEexistWhatever) {
  EXPECT_EQ(CopyWhileTheTableGoes(Then::kNothing), Errno::kEEXIST);
  EXPECT_EQ(bug_, "");
}

TEST_F(TableRaceTest, AHugePageBetweenTheTwoLooksIsEexist) {
  EXPECT_EQ(CopyWhileTheTableGoes(Then::kHugePage), Errno::kEEXIST);
}

class TableRaceOldTest : public TableRaceTest {
 protected:
  TableRaceOldTest()
      : TableRaceTest({"uffd-table-gone=bug", "uffd-thp-appeared=efault"}) {}
};

TEST_F(TableRaceOldTest, ATableThatGoesBetweenTheTwoLooksIsABug) {
  CopyWhileTheTableGoes(Then::kNothing);
  EXPECT_EQ(bug_, "mm/userfaultfd.c: BUG_ON(pmd_none(*dst_pmd))");
}

TEST_F(TableRaceOldTest, AHugePageBetweenTheTwoLooksIsEfault) {
  EXPECT_EQ(CopyWhileTheTableGoes(Then::kHugePage), Errno::kEFAULT);
}

// The tables are there from the start, so the first allocation is the page's,
// which comes after the second look.
class TableGoneLaterTest : public TableRaceTest {
 protected:
  explicit TableGoneLaterTest(std::initializer_list<const char*> rules = {})
      : TableRaceTest(rules, kPageAllocPoint) {
    tables_there_ = true;
  }
};

TEST_F(TableGoneLaterTest, BeforeTheLockIsEagain) {
  EXPECT_EQ(CopyWhileTheTableGoes(Then::kNothing), Errno::kEAGAIN);
}

TEST_F(TableGoneLaterTest, AHugePageBeforeTheLockIsEagainToo) {
  EXPECT_EQ(CopyWhileTheTableGoes(Then::kHugePage), Errno::kEAGAIN);
}

class TableGoneDraftTest : public TableGoneLaterTest {
 protected:
  TableGoneDraftTest() : TableGoneLaterTest({"uffd-table-gone=efault"}) {}
};

TEST_F(TableGoneDraftTest, BeforeTheLockWasEfaultInTheDraft) {
  EXPECT_EQ(CopyWhileTheTableGoes(Then::kNothing), Errno::kEFAULT);
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
  machine_.FailAllocations(
      [](AllocPurpose purpose) { return purpose == AllocPurpose::kTablePte; });
  EXPECT_THAT(ProtectAndTell(*ctx, 2 * kOfATable), FailsWith(Errno::kENOMEM));
  machine_.FailAllocations(nullptr);
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
