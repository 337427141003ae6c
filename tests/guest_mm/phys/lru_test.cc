#include "guest_mm/phys/lru.h"

#include <gtest/gtest.h>

#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {
namespace {

class LruTest : public testing::Test {
 protected:
  LruTest() : phys_(PhysMem::Create(4 << 20, PageShift(12)).value()) {}
  ~LruTest() override { phys_->Validate(); }
  Pfn New(int order = 0) {
    return *phys_->Allocate(
        order > 0 ? AllocPurpose::kHugeAnon : AllocPurpose::kPageCache, order);
  }
  LruLists& lru() { return phys_->lru(); }

  std::unique_ptr<PhysMem> phys_;
};

TEST_F(LruTest, OldestIsWhoCameFirst) {
  const Pfn a = New(), b = New(), c = New();
  for (const Pfn p : {a, b, c}) {
    lru().Add(p, Lru::kInactiveFile);
  }
  EXPECT_EQ(lru().Oldest(Lru::kInactiveFile), a);
  lru().Remove(b);
  lru().Remove(a);
  EXPECT_EQ(lru().Oldest(Lru::kInactiveFile), c);
  lru().Remove(c);
  lru().Remove(c);  // on no list: nothing
  EXPECT_EQ(lru().Oldest(Lru::kInactiveFile), std::nullopt);
  for (const Pfn p : {a, b, c}) {
    phys_->Put(p);
  }
}

TEST_F(LruTest, SizesCountBasePages) {
  const Pfn small = New(), huge = New(3);
  lru().Add(small, Lru::kInactiveAnon);
  lru().Add(huge, Lru::kInactiveAnon);
  EXPECT_EQ(lru().size(Lru::kInactiveAnon), PageCount(9));
  phys_->Validate();
  lru().Move(huge, Lru::kActiveAnon);
  EXPECT_EQ(lru().size(Lru::kInactiveAnon), PageCount(1));
  EXPECT_EQ(lru().size(Lru::kActiveAnon), PageCount(8));
  phys_->Validate();
  phys_->Put(small);
  phys_->Put(huge);
}

TEST_F(LruTest, FreedFrameIsOnNoList) {
  const Pfn a = New();
  lru().Add(a, Lru::kInactiveFile);
  phys_->Put(a);
  EXPECT_EQ(lru().size(Lru::kInactiveFile), PageCount(0));
  EXPECT_EQ(phys_->frame(a).lru, Lru::kNone);
}

TEST_F(LruTest, SecondLookMakesActive) {
  const Pfn a = New();
  lru().Add(a, Lru::kInactiveFile);
  lru().MarkAccessed(a);
  EXPECT_EQ(phys_->frame(a).lru, Lru::kInactiveFile);
  lru().MarkAccessed(a);
  EXPECT_EQ(phys_->frame(a).lru, Lru::kActiveFile);
  EXPECT_FALSE(phys_->frame(a).referenced);
  phys_->Put(a);
}

}  // namespace
}  // namespace faultline::mm
