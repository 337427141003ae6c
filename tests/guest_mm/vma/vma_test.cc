#include "guest_mm/vma/vma.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class VmaTest : public CallsTest {
 protected:
  size_t Charged() { return machine_.system().slab().charged(); }
  // One page in two, so that no two merge, until memory runs out.
  uint64_t MapUntilRefused(uint64_t from) {
    machine_.system().sysctl().max_map_count = ~uint64_t{0};
    uint64_t n = 0;
    for (;; ++n) {
      const auto at = Mmap(
          mm_, Request(At(from + 2 * n), 1, 0, kAnon | kMapFixedNoReplace));
      if (!at.ok()) {
        EXPECT_THAT(at, FailsWith(Errno::kENOMEM));
        return n;
      }
    }
  }
};

TEST_F(VmaTest, MappingsWithoutEndUseUpTheGuestsOwnMemory) {
  const PageCount free = machine_.phys().free();
  const uint64_t n = MapUntilRefused(0);
  EXPECT_EQ(mm_.vmas().size(), n);
  EXPECT_EQ(machine_.phys().free(), PageCount(0));
  // About what it takes of the host's.
  EXPECT_GE(Charged(), n * sizeof(Vma));
  EXPECT_LE(Charged(), n * 3 * sizeof(Vma));
  ASSERT_THAT(Munmap(mm_, At(0), 2 * n * kPage), Succeeds());
  EXPECT_EQ(Charged(), 0u);
  EXPECT_GE(machine_.phys().free() + PageCount(1), free);
}

TEST_F(VmaTest, RefusedMmapLeavesWhatItWouldHaveReplaced) {
  Map(0, 1);
  Fill(0, 1);
  machine_.FailAllocations(
      [](AllocPurpose purpose) { return purpose == AllocPurpose::kKernel; });
  ErrnoOr<GuestAddr> at = GuestAddr(0);
  for (uint64_t i = 1; at.ok(); ++i) {  // until the frame in hand is used up
    at = Mmap(mm_, Request(At(2 * i), 1, 0, kAnon | kMapFixed));
  }
  EXPECT_THAT(Mmap(mm_, Request(At(0), 1, 1, kAnon | kMapFixed)),
              FailsWith(Errno::kENOMEM));
  EXPECT_EQ(Load(0), 1);
}

TEST_F(VmaTest, WhatIsMergedAwayIsPaidBack) {
  Map(0, 1);
  const size_t one = Charged();
  EXPECT_GT(one, sizeof(Vma));
  Map(2, 1);
  EXPECT_EQ(Charged(), 2 * one);
  Map(1, 1);
  ASSERT_EQ(mm_.vmas().size(), 1u);
  EXPECT_EQ(Charged(), one);
}

TEST_F(VmaTest, SplitAndForkPayForTheirs) {
  Map(0, 3);
  const size_t one = Charged();
  ASSERT_THAT(Mprotect(mm_, At(1), kPage, 1), Succeeds());
  EXPECT_EQ(Charged(), 3 * one);
  const std::shared_ptr<AddressSpace> child = *DupMm(mm_);
  EXPECT_EQ(Charged(), 6 * one);
}

TEST_F(VmaTest, SplitThatCannotBePaidForIsRefused) {
  Map(0, 3);
  MapUntilRefused(4);
  EXPECT_THAT(Mprotect(mm_, At(1), kPage, 1), FailsWith(Errno::kENOMEM));
}

}  // namespace
}  // namespace faultline::mm
