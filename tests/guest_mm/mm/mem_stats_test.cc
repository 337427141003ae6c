#include "guest_mm/mm/mem_stats.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class MemStatsTest : public CallsTest {
 protected:
  MemStats Stats(uint64_t page) {
    MemStats s;
    Gather(mm_, VmaAt(page), &s);
    return s;
  }
  uint64_t Pss(uint64_t shifted) { return shifted >> kPssShift; }
};

TEST_F(MemStatsTest, PagesOfTwoProcessesAreSharedByHalves) {
  Map(0, 2);
  Fill(0, 2);
  AddressSpace& child = machine_.Adopt(*DupMm(mm_));
  MemStats s = Stats(0);
  EXPECT_EQ(s.rss, 2 * kPage);
  EXPECT_EQ(Pss(s.pss), kPage);
  EXPECT_EQ(s.shared_dirty, 2 * kPage);
  EXPECT_EQ(s.private_dirty, 0u);
  EXPECT_TRUE(machine_.Store(child, At(0), 7));
  s = Stats(0);
  EXPECT_EQ(Pss(s.pss), kPage + kPage / 2);
  EXPECT_EQ(s.shared_dirty, kPage);
  EXPECT_EQ(s.private_dirty, kPage);
}

TEST_F(MemStatsTest, FilePagesReadAreCleanAndPrivateCopiesAnonymous) {
  auto file =
      machine_.NewFile(Mapping::Kind::kRegular, std::string(2 * kPage, 'x'));
  for (const uint64_t i : {0, 1}) {
    machine_.phys().frame(*file->mapping().Find(i)).dirty = false;
  }
  MapFile(0, 2, kRW, kMapPrivate, file);
  EXPECT_EQ(Load(0), 'x');
  EXPECT_TRUE(Store(1, 'y'));
  const MemStats s = Stats(0);
  EXPECT_EQ(s.private_clean + s.shared_clean, kPage);
  EXPECT_EQ(s.private_dirty, kPage);
  EXPECT_EQ(s.anonymous, kPage);
  EXPECT_EQ(Pss(s.pss_file), kPage);
  EXPECT_EQ(Pss(s.pss_anon), kPage);
  EXPECT_EQ(Pss(s.pss_dirty), kPage);
}

TEST_F(MemStatsTest, AdvisedFreePagesAreLazyAndUnreferenced) {
  Map(0, 2);
  Fill(0, 2);
  ASSERT_THAT(Madvise(mm_, At(0), kPage, 8), Succeeds());
  const MemStats s = Stats(0);
  EXPECT_EQ(s.lazy_free, kPage);
  EXPECT_EQ(s.referenced, kPage);
  EXPECT_EQ(s.private_clean, kPage);
}

TEST_F(MemStatsTest, LockedShareFollowsTheFlag) {
  Map(0, 2, kRW, kAnon | kMapLocked);
  EXPECT_EQ(Pss(Stats(0).pss_locked), 2 * kPage);
}

}  // namespace
}  // namespace faultline::mm
