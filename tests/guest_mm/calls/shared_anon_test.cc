#include "guest_mm/calls/shared_anon.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class SharedAnonTest : public CallsTest {};

TEST_F(SharedAnonTest, LooksLikeADeletedDevZeroAndEachIsItsOwn) {
  const auto first = *MakeSharedAnon(mm_, kPage, {});
  const auto second = *MakeSharedAnon(mm_, kPage, {});
  EXPECT_EQ(first->MapsName(), "/dev/zero (deleted)");
  EXPECT_EQ(first->dev_major(), 0u);
  EXPECT_EQ(first->dev_minor(), 1u);
  EXPECT_NE(first->ino(), second->ino());
  EXPECT_EQ(first->mapping().kind(), Mapping::Kind::kShmem);
}

TEST_F(SharedAnonTest, PromiseEndsWithTheFile) {
  const PageCount& committed = machine_.system().committed();
  {
    const auto file = *MakeSharedAnon(mm_, 3 * kPage, {});
    EXPECT_EQ(committed, PageCount(3));
    const auto unreserved =
        *MakeSharedAnon(mm_, 3 * kPage, VmaFlag::kNoReserve);
    EXPECT_EQ(committed, PageCount(3));
  }
  EXPECT_EQ(committed, PageCount(0));
}

TEST_F(SharedAnonTest, MoreThanMemoryIsRefused) {
  EXPECT_THAT(MakeSharedAnon(mm_, machine_.phys().bytes() + kPage, {}),
              FailsWith(Errno::kENOMEM));
}

}  // namespace
}  // namespace faultline::mm
