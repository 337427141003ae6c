#include "guest_mm/fault/populate_range.h"

#include <gtest/gtest.h>

#include <string>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 0x1000;
constexpr uint64_t kBase = 0x10000000;

GuestAddr At(uint64_t page) { return GuestAddr(kBase + page * kPage); }

class PopulateRangeTest : public testing::TestWithParam<const ArchOps*> {
 protected:
  PopulateRangeTest() : m_(*GetParam()), mm_(m_.NewSpace()) {}

  TestMachine m_;
  AddressSpace& mm_;
};
INSTANTIATE_TEST_SUITE_P(Archs, PopulateRangeTest,
                         testing::Values(&x86::Ops(), &arm64::Ops()),
                         [](const auto& p) {
                           return std::string(p.param->name());
                         });

TEST_P(PopulateRangeTest, FaultsEveryPageInAndStopsAtAHole) {
  m_.Map(mm_, kBase, 8 * kPage, Prot::RW());
  m_.Map(mm_, kBase + 8 * kPage, 8 * kPage, Prot::R());
  EXPECT_TRUE(PopulateRange(mm_, {At(0), At(16)}, Populate::kRead).ok());
  EXPECT_EQ(m_.system().counters().zero_page_maps, 16u);
  EXPECT_TRUE(PopulateRange(mm_, {At(0), At(8)}, Populate::kWrite).ok());
  EXPECT_EQ(mm_.rss.anon, PageCount(8));
  EXPECT_EQ(PopulateRange(mm_, {At(0), At(16)}, Populate::kWrite).error(),
            Errno::kEINVAL);
  EXPECT_EQ(PopulateRange(mm_, {At(0), At(20)}, Populate::kRead).error(),
            Errno::kENOMEM);
}

TEST_P(PopulateRangeTest, BeyondAFileItIsAFault) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, std::string(4096, 'a'));
  m_.Map(mm_, kBase, 4 * kPage, Prot::R(), VmaFlag::kShared, file);
  EXPECT_EQ(PopulateRange(mm_, {At(0), At(4)}, Populate::kRead).error(),
            Errno::kEFAULT);
  EXPECT_EQ(mm_.rss.shmem, PageCount(1));
}

}  // namespace
}  // namespace faultline::mm
