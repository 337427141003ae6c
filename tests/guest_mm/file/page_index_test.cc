#include "guest_mm/file/page_index.h"

#include <map>
#include <random>

#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

TEST(PageIndexTest, FindsWhatWasInsertedAndNothingElse) {
  PageIndex index;
  EXPECT_EQ(index.Find(0), nullptr);
  index.Insert(63, Pfn(5));
  index.Insert(~uint64_t{0} >> 12, Pfn(6));
  ASSERT_NE(index.Find(63), nullptr);
  EXPECT_EQ(*index.Find(63), Pfn(5));
  EXPECT_EQ(index.Find(62), nullptr);
  EXPECT_EQ(index.Find(64), nullptr);
  EXPECT_EQ(index.size(), 2u);
  index.Erase(63);
  EXPECT_EQ(index.Find(63), nullptr);
}

TEST(PageIndexTest, WalkCrossesGroupsAndHoles) {
  PageIndex index;
  for (const uint64_t i : {0, 63, 64, 1000}) {
    index.Insert(i, Pfn(i));
  }
  std::vector<uint64_t> seen;
  for (auto page = index.NextFrom(0); page;
       page = index.NextFrom(page->index + 1)) {
    EXPECT_EQ(page->pfn, Pfn(page->index));
    seen.push_back(page->index);
  }
  EXPECT_EQ(seen, (std::vector<uint64_t>{0, 63, 64, 1000}));
  EXPECT_FALSE(index.NextFrom(1001).has_value());
}

TEST(PageIndexTest, AgreesWithAMap) {
  std::mt19937 random(7);
  PageIndex index;
  std::map<uint64_t, Pfn> model;
  for (int step = 0; step < 5000; ++step) {
    const uint64_t i = random() % 500;
    if (model.contains(i)) {
      index.Erase(i);
      model.erase(i);
    } else {
      index.Insert(i, Pfn(uint64_t(step)));
      model[i] = Pfn(uint64_t(step));
    }
    const uint64_t from = random() % 520;
    const auto expected = model.lower_bound(from);
    const auto found = index.NextFrom(from);
    ASSERT_EQ(found.has_value(), expected != model.end());
    if (found) {
      EXPECT_EQ(found->index, expected->first);
      EXPECT_EQ(found->pfn, expected->second);
    }
    ASSERT_EQ(index.size(), model.size());
  }
}

}  // namespace
}  // namespace faultline::mm
