// Covers: guest_mm/profile/behaviour_table.cc
#include "guest_mm/profile/behaviour.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

using testing::HasSubstr;

TEST(BehaviourTest, TheDefaultIsTheOneComparedWith) {
  EXPECT_EQ(BehaviourSet().version(), (KernelVersion{6, 12}));
  EXPECT_EQ(BehaviourSet().anon_vma_merge(), AnonVmaMerge::kExistingOnly);
}

TEST(BehaviourTest, VersionPicksWhatItHad) {
  EXPECT_EQ(BehaviourSet::ForKernel("5.15")->dontneed_locked(),
            DontneedLocked::kUnknown);
  EXPECT_EQ(BehaviourSet::ForKernel("6.1")->dontneed_locked(),
            DontneedLocked::kKnown);
  EXPECT_EQ(BehaviourSet::ForKernel("6.18")->anon_vma_merge(),
            AnonVmaMerge::kEither);
}

TEST(BehaviourTest, UnknownVersionIsToldWhichThereAre) {
  const auto status = BehaviourSet::ForKernel("4.4").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("5.15 6.1 6.3 6.6"));
}

TEST(BehaviourTest, OneCanBeOverridden) {
  BehaviourSet set;
  EXPECT_TRUE(set.Override("anon-vma-merge=either").ok());
  EXPECT_EQ(set.anon_vma_merge(), AnonVmaMerge::kEither);
  EXPECT_EQ(set.dontneed_locked(), DontneedLocked::kKnown);
}

TEST(BehaviourTest, MisspeltNameIsToldTheNearest) {
  BehaviourSet set;
  EXPECT_THAT(std::string(set.Override("anon-vma-marge=either").message()),
              HasSubstr("did you mean anon-vma-merge?"));
}

TEST(BehaviourTest, WrongValueIsToldTheRightOnes) {
  BehaviourSet set;
  for (const char* bad : {"anon-vma-merge=x", "anon-vma-merge"}) {
    EXPECT_THAT(std::string(set.Override(bad).message()),
                HasSubstr("one of existing-only, either"));
  }
  EXPECT_EQ(set.anon_vma_merge(), AnonVmaMerge::kExistingOnly);
}

TEST(BehaviourTest, EveryChangeNamesItsCommitAndValue) {
  for (const BehaviourInfo& info : AllBehaviours()) {
    KernelVersion last{-1, 0};
    for (const BehaviourChange& c : info.changes) {
      EXPECT_LT(c.value, info.values.size()) << info.name;
      EXPECT_LT(last, c.since) << info.name;
      EXPECT_EQ(c.commit.empty(), &c == &info.changes.front()) << info.name;
      last = c.since;
    }
  }
}

}  // namespace
}  // namespace faultline::mm
