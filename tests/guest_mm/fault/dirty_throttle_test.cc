// Who dirties a file gives mmap_lock back, and is done or looks again.

#include "guest_mm/fault/dirty_throttle.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "guest_mm/gup/gup.h"
#include "guest_mm/rmap/pin.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 0x1000, kBase = 0x10000000;

class DirtyThrottleTest
    : public testing::TestWithParam<std::tuple<const ArchOps*, bool>> {
 protected:
  static BehaviourSet Behaviours() {
    BehaviourSet set;
    EXPECT_TRUE(set.Override(std::get<1>(GetParam()) ? "fault-completed=yes"
                                                     : "fault-completed=no")
                    .ok());
    return set;
  }
  // Rounds of one fault, where a first store costs one or two.
  uint64_t RoundsOf(Access access) {
    const uint64_t before = m_.system().counters().mm_faults;
    EXPECT_EQ(m_.Touch(mm_, GuestAddr(kBase), access, Mode::kUser),
              PageFaultOutcome::Kind::kDone);
    EXPECT_EQ(mm_.mmap_lock().readers(), 0);
    return m_.system().counters().mm_faults - before;
  }
  const uint64_t again_ = std::get<1>(GetParam()) ? 1 : 2;

  TestMachine m_{*std::get<0>(GetParam()), 16 << 20, 0, Behaviours()};
  AddressSpace& mm_ = m_.NewSpace();
};
INSTANTIATE_TEST_SUITE_P(Archs, DirtyThrottleTest,
                         testing::Combine(testing::Values(&x86::Ops(),
                                                          &arm64::Ops()),
                                          testing::Bool()),
                         [](const auto& p) {
                           return std::string(std::get<0>(p.param)->name()) +
                                  (std::get<1>(p.param) ? "_completed"
                                                        : "_retried");
                         });

TEST_P(DirtyThrottleTest, TheFirstStoreToASharedPageIsThrottled) {
  const auto file = m_.NewFile(Mapping::Kind::kRegular, "bytes");
  m_.Map(mm_, kBase, kPage, Prot::RW(), VmaFlag::kShared, file);
  EXPECT_EQ(RoundsOf(Access::kWrite), again_);
}

TEST_P(DirtyThrottleTest, AReadAndAPrivateStoreAreNot) {
  const auto file = m_.NewFile(Mapping::Kind::kRegular, "bytes");
  m_.Map(mm_, kBase, kPage, Prot::RW(), {}, file);
  EXPECT_EQ(RoundsOf(Access::kRead), 1u);
  EXPECT_EQ(RoundsOf(Access::kWrite), 1u);
}

TEST_P(DirtyThrottleTest, APageThatIsDirtyAlreadyCostsAMemoryFileNothing) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, "bytes");
  m_.Map(mm_, kBase, kPage, Prot::RW(), VmaFlag::kShared, file);
  EXPECT_EQ(RoundsOf(Access::kWrite), 1u);  // write() has dirtied it
}

TEST_P(DirtyThrottleTest, GupGoesOnAfterIt) {
  const auto file = m_.NewFile(Mapping::Kind::kRegular, "bytes");
  m_.Map(mm_, kBase, kPage, Prot::RW(), VmaFlag::kShared, file);
  std::vector<Pfn> pages;
  const auto got =
      GetUserPages(mm_, GuestAddr(kBase), 1, {.write = true}, &pages);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(*got, 1u);
  EXPECT_EQ(mm_.mmap_lock().readers(), 0);
  ReleasePage(m_.system(), pages[0], Grab::kGet);
}

}  // namespace
}  // namespace faultline::mm
