#include "guest_mm/calls/guard_regions.h"

#include "guest_mm/calls/advice.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class GuardRegionsTest : public CallsTest {
 protected:
  explicit GuardRegionsTest(const BehaviourSet& behaviours = {})
      : CallsTest(0, behaviours) {}
  ErrnoOr<Done> Advise(uint64_t page, uint64_t pages, Advice advice) {
    return Madvise(mm_, At(page), pages * kPage, int(advice));
  }
  ErrnoOr<Done> Guard(uint64_t page, uint64_t pages) {
    return Advise(page, pages, Advice::kGuardInstall);
  }
  ErrnoOr<Done> Unguard(uint64_t page, uint64_t pages) {
    return Advise(page, pages, Advice::kGuardRemove);
  }
  bool Guarded(uint64_t page) {
    return machine_.EntryAt(mm_, At(page)).marker(kMarkerGuard);
  }
};

TEST_F(GuardRegionsTest, GuardedPagesAreGivenBackAndCannotBeTouched) {
  Map(0, 4);
  Fill(0, 4);
  EXPECT_THAT(Guard(1, 2), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  EXPECT_FALSE(Store(1, 9));
  EXPECT_FALSE(Store(2, 9));
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(Load(3), 4);
  EXPECT_EQ(mm_.vmas().size(), 1u);
}

TEST_F(GuardRegionsTest, RemovalLeavesOtherPagesAlone) {
  Map(0, 3);
  Fill(0, 3);
  EXPECT_THAT(Guard(1, 1), Succeeds());
  EXPECT_THAT(Unguard(0, 3), Succeeds());
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(Load(1), 0);
  EXPECT_EQ(Load(2), 3);
}

TEST_F(GuardRegionsTest, ARangeMaySpanTables) {
  Map(0, 1200);
  EXPECT_THAT(Guard(1, 1100), Succeeds());
  EXPECT_FALSE(Guarded(0));
  EXPECT_TRUE(Guarded(1));
  EXPECT_TRUE(Guarded(1100));
  EXPECT_FALSE(Guarded(1101));
}

TEST_F(GuardRegionsTest, LockedMemoryCanBeUnguardedOnly) {
  Map(0, 2);
  EXPECT_THAT(Guard(0, 1), Succeeds());
  EXPECT_THAT(Mlock(mm_, At(0), 2 * kPage, MlockOnFault::kYes), Succeeds());
  EXPECT_THAT(Guard(1, 1), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Unguard(0, 2), Succeeds());
  EXPECT_TRUE(Store(0, 1));
}

TEST_F(GuardRegionsTest, MarkersGoWithTheMappingOnly) {
  Map(0, 2);
  EXPECT_THAT(Guard(0, 1), Succeeds());
  EXPECT_THAT(Advise(0, 2, Advice::kDontNeed), Succeeds());
  EXPECT_TRUE(Guarded(0));
  EXPECT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  Map(0, 1);
  EXPECT_TRUE(Store(0, 1));
}

TEST_F(GuardRegionsTest, AFailedTableLeavesAPrefixGuarded) {
  Map(0, 1024);
  EXPECT_THAT(Guard(0, 1), Succeeds());
  bool failed = false;
  FailNthAllocation(0, &failed);
  EXPECT_THAT(Guard(0, 1024), FailsWith(Errno::kENOMEM));
  EXPECT_TRUE(failed);
  EXPECT_TRUE(Guarded(511));
  EXPECT_THAT(Guard(0, 1024), Succeeds());
  EXPECT_TRUE(Guarded(512));
}

TEST_F(GuardRegionsTest, OlderKernelsDoNotKnowTheAdvice) {
  MemoryManager::Options options;
  options.memory_bytes = 4 << 20;
  options.behaviours = *BehaviourSet::ForKernel("6.6");
  FakeTlb tlb;
  const auto machine = *MemoryManager::Create(x86::Ops(), tlb, options);
  const auto mm = *AddressSpace::Create(*machine);
  EXPECT_THAT(Madvise(*mm, At(0), 0, int(Advice::kGuardInstall)),
              FailsWith(Errno::kEINVAL));
}

// With a flag of their own, instead of an AnonVma.
class GuardFlagTest : public GuardRegionsTest {
 protected:
  GuardFlagTest() : GuardRegionsTest(BehaviourSet({6, 18})) {}
};

TEST_F(GuardFlagTest, TheFlagStaysAndKeepsNobodyApart) {
  Map(0, 3);
  EXPECT_THAT(Guard(1, 1), Succeeds());
  EXPECT_THAT(Unguard(1, 1), Succeeds());
  EXPECT_NE(mm_.vmas().First()->anon_vma, nullptr);
  Map(3, 2);
  ASSERT_EQ(mm_.vmas().size(), 1u);
  EXPECT_TRUE(mm_.vmas().First()->has(VmaFlag::kMaybeGuard));
}

TEST_F(GuardFlagTest, ForkCopiesGuardsOfUntouchedMemory) {
  Map(0, 2);
  EXPECT_THAT(Guard(1, 1), Succeeds());
  AddressSpace& child = machine_.Adopt(*DupMm(mm_));
  EXPECT_TRUE(machine_.EntryAt(child, At(1)).marker(kMarkerGuard));
}

}  // namespace
}  // namespace faultline::mm
