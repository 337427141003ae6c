#include "guest_mm/vma/vma_tree.h"

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kGuard = 4 * kPage;
constexpr GuestRange kEverywhere{GuestAddr(0), GuestAddr(1ull << 47)};

GuestRange Pages(uint64_t first, uint64_t end) {
  return {GuestAddr(first * kPage), GuestAddr(end * kPage)};
}

std::unique_ptr<Vma> MakeVma(GuestRange range, VmaFlags flags = {}) {
  auto v = std::make_unique<Vma>();
  v->range = range;
  v->flags = flags;
  return v;
}

TEST(VmaTreeTest, EmptyTreeHasOneGapWithoutEnd) {
  VmaTree tree(kGuard);
  EXPECT_EQ(tree.FindAtOrAbove(GuestAddr(0)), nullptr);
  EXPECT_EQ(tree.HighestGap(kPage, Pages(3, 9)), Pages(3, 9));
  EXPECT_EQ(tree.LowestGap(kPage, Pages(3, 9)), Pages(3, 9));
  EXPECT_EQ(tree.LowestGap(7 * kPage, Pages(3, 9)), std::nullopt);
}

TEST(VmaTreeTest, FindsTheVmaThatHoldsTheAddressOrTheNextAbove) {
  VmaTree tree(kGuard);
  Vma& low = tree.Insert(MakeVma(Pages(10, 20)));
  Vma& high = tree.Insert(MakeVma(Pages(30, 40)));
  EXPECT_EQ(tree.FindAtOrAbove(GuestAddr(0)), &low);
  EXPECT_EQ(tree.FindAtOrAbove(GuestAddr(20 * kPage - 1)), &low);
  EXPECT_EQ(tree.FindAtOrAbove(GuestAddr(20 * kPage)), &high);
  EXPECT_EQ(tree.FindAtOrAbove(GuestAddr(40 * kPage)), nullptr);
  EXPECT_EQ(VmaTree::Next(low), &high);
  EXPECT_EQ(VmaTree::Prev(high), &low);
}

TEST(VmaTreeTest, StackClaimsItsGuardAndLeavesItFree) {
  VmaTree tree(kGuard);
  tree.Insert(MakeVma(Pages(0, 10)));
  Vma& stack = tree.Insert(MakeVma(Pages(20, 30), VmaFlag::kGrowsDown));
  EXPECT_EQ(tree.GuardedStart(stack), GuestAddr(16 * kPage));
  EXPECT_EQ(tree.HighestGap(kPage, Pages(0, 30)), Pages(10, 20));
  stack.flags = {};
  EXPECT_EQ(tree.GuardedStart(stack), GuestAddr(20 * kPage));
}

// The dumb model: a gap is found by looking at each page in turn.
class Model {
 public:
  explicit Model(uint64_t pages) : used_(pages) {}
  void Set(GuestRange r, bool used) {
    for (uint64_t p = r.start.value() / kPage; p < r.end.value() / kPage; ++p) {
      used_[p] = used;
    }
  }
  bool Free(uint64_t first, uint64_t count) const {
    for (uint64_t p = first; p < first + count; ++p) {
      if (used_[p]) {
        return false;
      }
    }
    return true;
  }
  std::optional<uint64_t> Highest(uint64_t count, uint64_t low,
                                  uint64_t high) const {
    for (uint64_t p = high; p-- > low;) {
      if (p + count <= high && Free(p, count)) {
        return p;
      }
    }
    return std::nullopt;
  }
  std::optional<uint64_t> Lowest(uint64_t count, uint64_t low,
                                 uint64_t high) const {
    for (uint64_t p = low; p + count <= high; ++p) {
      if (Free(p, count)) {
        return p;
      }
    }
    return std::nullopt;
  }

 private:
  std::vector<bool> used_;
};

class VmaTreeRandomTest : public testing::TestWithParam<uint32_t> {};

TEST_P(VmaTreeRandomTest, AgreesWithABitmapOfPages) {
  constexpr uint64_t kPages = 400;
  std::mt19937 random(GetParam());
  const auto below = [&](uint64_t n) { return random() % n; };
  VmaTree tree(kGuard);
  Model model(kPages);
  std::map<uint64_t, Vma*> by_start;
  for (int step = 0; step < 400; ++step) {
    const uint64_t first = below(kPages - 8);
    const uint64_t count = 1 + below(7);
    if (below(5) < 3 && model.Free(first, count)) {
      const GuestRange r = Pages(first, first + count);
      by_start[first] = &tree.Insert(MakeVma(r));
      model.Set(r, true);
    } else if (!by_start.empty()) {
      auto it = by_start.lower_bound(first);
      it = it == by_start.end() ? by_start.begin() : it;
      Vma& v = *it->second;
      if (below(2) == 0 && v.range.size() > kPage) {
        model.Set({v.range.end - kPage, v.range.end}, false);
        v.range.end = v.range.end - kPage;
        tree.Update(v);
      } else {
        model.Set(v.range, false);
        tree.Remove(v);
        by_start.erase(it);
      }
    }
    tree.Validate();
    ASSERT_EQ(tree.size(), by_start.size());
    const uint64_t low = below(kPages);
    const uint64_t high = low + below(kPages - low);
    const uint64_t want = 1 + below(12);
    const auto highest = tree.HighestGap(want * kPage, Pages(low, high));
    const auto lowest = tree.LowestGap(want * kPage, Pages(low, high));
    const auto model_highest = model.Highest(want, low, high);
    const auto model_lowest = model.Lowest(want, low, high);
    ASSERT_EQ(highest.has_value(), model_highest.has_value());
    ASSERT_EQ(lowest.has_value(), model_lowest.has_value());
    if (highest) {
      EXPECT_EQ(highest->end.value() / kPage - want, *model_highest);
      EXPECT_EQ(lowest->start.value() / kPage, *model_lowest);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, VmaTreeRandomTest, testing::Range(0u, 20u));

TEST(VmaTreeTest, StaysShallowWhenFilledInOrder) {
  VmaTree tree(kGuard);
  for (uint64_t i = 0; i < 60'000; ++i) {
    tree.Insert(MakeVma(Pages(2 * i + 1, 2 * i + 2)));
  }
  tree.Validate();  // AVL: 60,000 nodes are at most 22 deep
  EXPECT_EQ(tree.LowestGap(2 * kPage, kEverywhere)->start,
            GuestAddr(120'000 * kPage));
}

}  // namespace
}  // namespace faultline::mm
