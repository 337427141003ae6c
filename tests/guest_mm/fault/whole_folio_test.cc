#include "guest_mm/fault/whole_folio.h"

#include "tests/guest_mm/testing/huge_file_fixture.h"

namespace faultline::mm {
namespace {

constexpr int kAdviseNoHugePage = 15;

class WholeFolioTest : public HugeFileTest {
 protected:
  explicit WholeFolioTest(KernelVersion version = {6, 18})
      : HugeFileTest(BehaviourSet(version)) {}
  void SetUp() override {
    m_.system().shmem_mount().huge = HugeOption::kAlways;
    HugeFileTest::SetUp();
    MapFile(Huge(0), huge());
    ASSERT_TRUE(Store(Huge(0), 1));
    ASSERT_TRUE(IsHuge(Huge(0)));
  }
  // Another mapping of it at Huge(2), by base pages.
  void MapSmall(uint64_t flags) {
    MapFile(Huge(2), huge(), flags);
    ASSERT_TRUE(Madvise(mm_, Huge(2), huge(), kAdviseNoHugePage).ok());
  }
  PageCount Mapped() { return mm_.rss.shmem - PageCount(huge_pages()); }
};
INSTANTIATE_HUGE_TEST(WholeFolioTest);

TEST_P(WholeFolioTest, AReadMapsAllAndAStoreToo) {
  for (const bool store : {false, true}) {
    MapSmall(kMapShared);
    EXPECT_TRUE(store ? Store(Huge(2, 9), 1) : Load(Huge(2, 9)) == 0);
    EXPECT_FALSE(IsHuge(Huge(2)));
    EXPECT_EQ(Mapped(), PageCount(huge_pages()));
    const uint64_t faults = m_.system().counters().faults;
    EXPECT_EQ(Load(Huge(2, huge_pages() - 1)), 0);
    EXPECT_EQ(m_.system().counters().faults, faults);
    ASSERT_TRUE(Munmap(mm_, Huge(2), huge()).ok());
    EXPECT_EQ(Mapped(), PageCount(0));
  }
}

TEST_P(WholeFolioTest, WhatIsMappedAlreadyStays) {
  MapSmall(kMapPrivate);
  ASSERT_TRUE(Store(Huge(2, 9), 42));
  EXPECT_EQ(Mapped(), PageCount(0));
  EXPECT_EQ(Load(Huge(2, 8)), 0);
  EXPECT_EQ(Mapped(), PageCount(huge_pages() - 1));
  EXPECT_EQ(Load(Huge(2, 9)), 42);
}

TEST_P(WholeFolioTest, AStoreBesideAMappedPageMapsOnePage) {
  MapSmall(kMapShared);
  ASSERT_TRUE(Madvise(mm_, Huge(2, 3), page(), kAdviseGuard).ok());
  ASSERT_TRUE(Store(Huge(2, 9), 42));
  EXPECT_EQ(Mapped(), PageCount(1));
}

TEST_P(WholeFolioTest, AFolioThatTheVmaCutsIsMappedInPart) {
  MapFile(Huge(2), huge() / 2);
  ASSERT_TRUE(Store(Huge(2, 9), 42));
  EXPECT_EQ(Mapped(), PageCount(1));
  EXPECT_EQ(Load(Huge(2, 8)), 0);
  EXPECT_LT(Mapped(), PageCount(huge_pages() / 2));
}

class WholeFolioBeforeTest : public WholeFolioTest {
 protected:
  WholeFolioBeforeTest() : WholeFolioTest({6, 12}) {}
};
INSTANTIATE_HUGE_TEST(WholeFolioBeforeTest);

TEST_P(WholeFolioBeforeTest, OnlyAStoreMapsAll) {
  MapSmall(kMapShared);
  EXPECT_EQ(Load(Huge(2, 9)), 0);
  EXPECT_LT(Mapped(), PageCount(huge_pages()));
  ASSERT_TRUE(Munmap(mm_, Huge(2), huge()).ok());
  MapSmall(kMapShared);
  ASSERT_TRUE(Store(Huge(2, 9), 42));
  EXPECT_EQ(Mapped(), PageCount(huge_pages()));
}

class WholeFolioNeverTest : public WholeFolioTest {
 protected:
  WholeFolioNeverTest() : WholeFolioTest({6, 6}) {}
};
INSTANTIATE_HUGE_TEST(WholeFolioNeverTest);

TEST_P(WholeFolioNeverTest, AStoreMapsAPage) {
  MapSmall(kMapShared);
  ASSERT_TRUE(Store(Huge(2, 9), 42));
  EXPECT_EQ(Mapped(), PageCount(1));
}

}  // namespace
}  // namespace faultline::mm
