#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

class SetupStackTest : public CallsTest {};

TEST_F(SetupStackTest, StackEndsAtTheTopAndGrowsDown) {
  ASSERT_THAT(SetupStack(mm_, At(1000), 2 * kPage, Prot::RW()), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("998-1000 rw-p"));
  EXPECT_EQ(mm_.stack_vm, PageCount(2));
  EXPECT_TRUE(Store(990, 7)) << "grows on the fault";
  EXPECT_THAT(Rows(), ElementsAre("990-1000 rw-p"));
}

TEST_F(SetupStackTest, NoRoomIsOutOfMemory) {
  Map(999, 1);
  EXPECT_THAT(SetupStack(mm_, At(1000), 2 * kPage, Prot::RW()),
              FailsWith(Errno::kENOMEM));
  mm_.limits.as = 2 * kPage;
  EXPECT_THAT(SetupStack(mm_, At(900), 2 * kPage, Prot::RW()),
              FailsWith(Errno::kENOMEM));
}

TEST_F(SetupStackTest, GuardStaysFreeOfMappings) {
  ASSERT_THAT(SetupStack(mm_, At(1000), kPage, Prot::RW()), Succeeds());
  mm_.mmap_base = At(1000);
  const auto at = Mmap(mm_, Request(GuestAddr(0), 1, kRW, kAnon));
  ASSERT_THAT(at, Succeeds());
  EXPECT_EQ(*at, At(999 - 256 - 1));
}

}  // namespace
}  // namespace faultline::mm
