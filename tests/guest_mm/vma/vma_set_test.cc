#include "guest_mm/vma/vma_set.h"

#include <random>

#include "tests/guest_mm/testing/calls_fixture.h"
#include "tests/guest_mm/vma/vma_set_model.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

class VmaSetRandomTest : public testing::TestWithParam<uint32_t> {};

TEST_P(VmaSetRandomTest, AgreesWithAnArrayOfPages) {
  std::mt19937 random(GetParam());
  VmaSetModel model([&](uint64_t n) { return random() % n; });
  for (int step = 0; step < 1000; ++step) {
    model.Step();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, VmaSetRandomTest, testing::Range(0u, 20u));

class VmaSetTest : public CallsTest {
 protected:
  VmaSet& set() { return mm_.vmas(); }
};

TEST_F(VmaSetTest, WalkGoesUpward) {
  Map(4, 1);
  Map(0, 1);
  Map(8, 1);
  std::vector<GuestAddr> starts;
  for (const Vma& v : set()) {
    starts.push_back(v.range.start);
  }
  EXPECT_THAT(starts, ElementsAre(At(0), At(4), At(8)));
}

TEST_F(VmaSetTest, LookupsSurviveTheVmaLastFound) {
  Map(0, 1);
  Map(2, 1, 1);
  EXPECT_NE(set().Find(At(0)), nullptr);
  ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  EXPECT_EQ(set().Find(At(0)), nullptr);
  EXPECT_NE(set().Find(At(2)), nullptr);
  // Merged away while it was the last one found.
  Map(3, 1);
  EXPECT_NE(set().Find(At(3)), nullptr);
  ASSERT_THAT(Mprotect(mm_, At(3), kPage, 1), Succeeds());
  EXPECT_EQ(set().Find(At(3)), set().Find(At(2)));
}

TEST_F(VmaSetTest, SplitKeepsToTheMapLimitUnlessToldNotTo) {
  Map(0, 4);
  machine_.system().sysctl().max_map_count = 1;
  EXPECT_THAT(set().Split(VmaAt(0), At(2)), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(set().Split(VmaAt(0), At(2), VmaSet::MapLimit::kIgnored),
              Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p", "2-4 rw-p"));
  EXPECT_EQ(VmaAt(2).pgoff, VmaAt(0).pgoff + 2);
}

TEST_F(VmaSetTest, FailedModifyLeavesTheRulesAsTheyWere) {
  Map(0, 4);
  machine_.system().sysctl().max_map_count = 2;
  const VmaFlags before = VmaAt(0).flags;
  EXPECT_THAT(
      set().ModifyFlags(VmaAt(0), {At(1), At(2)}, before | VmaFlag::kDontCopy),
      FailsWith(Errno::kENOMEM));
  for (const Vma& v : set()) {
    EXPECT_EQ(v.flags, before);
  }
}

TEST_F(VmaSetTest, NamesSplitAndMerge) {
  Map(0, 4);
  const auto named =
      set().Modify(VmaAt(0), {At(1), At(3)}, {VmaAt(0).flags, "arena"});
  ASSERT_THAT(named, Succeeds());
  EXPECT_EQ((*named)->anon_name, "arena");
  EXPECT_EQ(set().size(), 3u);
  ASSERT_THAT(set().Modify(**named, (*named)->range, {VmaAt(0).flags, ""}),
              Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p"));
}

TEST_F(VmaSetTest, ResizeDownKeepsTheOffsetInStep) {
  Map(4, 2, kRW, kAnon | kMapGrowsDown);
  const uint64_t pgoff = VmaAt(4).pgoff;
  set().Resize(VmaAt(4), {At(2), At(6)});
  EXPECT_EQ(VmaAt(2).pgoff, pgoff - 2);
  EXPECT_EQ(mm_.stack_vm, PageCount(4));
}

TEST_F(VmaSetTest, FileKnowsEveryVmaThatMapsIt) {
  auto file =
      machine_.NewFile(Mapping::Kind::kRegular, std::string(4 * kPage, 'x'));
  MapFile(0, 4, 1, kMapShared, file);
  EXPECT_EQ(file->mapping().vmas().size(), 1u);
  ASSERT_THAT(Mprotect(mm_, At(1), kPage, kRW), Succeeds());
  EXPECT_EQ(file->mapping().vmas().size(), 3u);
  ASSERT_THAT(Mprotect(mm_, At(1), kPage, 1), Succeeds());
  EXPECT_EQ(file->mapping().vmas().size(), 1u);
  ASSERT_THAT(Munmap(mm_, At(0), 4 * kPage), Succeeds());
  EXPECT_TRUE(file->mapping().vmas().empty());
}

TEST_F(VmaSetTest, GapsAreAlignedAsAsked) {
  Map(0, 3);
  const GuestRange within{At(0), At(64)};
  EXPECT_EQ(*set().FindGapBottomUp(kPage, within, 8 * kPage), At(8));
  EXPECT_EQ(*set().FindGapTopDown(3 * kPage, within, 8 * kPage), At(56));
  EXPECT_THAT(set().FindGapTopDown(60 * kPage, within, 8 * kPage),
              FailsWith(Errno::kENOMEM));
  EXPECT_THAT(set().FindGapTopDown(~kPage + 1, within, 8 * kPage),
              FailsWith(Errno::kENOMEM));
}

}  // namespace
}  // namespace faultline::mm
