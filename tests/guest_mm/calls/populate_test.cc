#include "guest_mm/calls/populate.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class PopulateTest : public CallsTest {
 protected:
  ErrnoOr<Done> Fault(uint64_t page, uint64_t pages, OnError on_error) {
    return PopulateVmas(mm_, {At(page), At(page + pages)}, on_error);
  }
};

TEST_F(PopulateTest, PrivateWritableMemoryIsCopiedAndTheRestRead) {
  auto file =
      machine_.NewFile(Mapping::Kind::kRegular, std::string(6 * kPage, 'x'));
  MapFile(0, 2, kRW, kMapPrivate, file, 0);
  MapFile(2, 2, 1, kMapPrivate, file, 2);
  MapFile(4, 2, kRW, kMapShared, file, 4);
  EXPECT_THAT(Fault(0, 6, OnError::kStop), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  EXPECT_EQ(mm_.rss.file, PageCount(4));
}

TEST_F(PopulateTest, HoleStopsOrIsSkipped) {
  Map(0, 1);
  Map(2, 1);
  EXPECT_THAT(Fault(0, 3, OnError::kStop), FailsWith(Errno::kENOMEM));
  EXPECT_FALSE(Present(2));
  EXPECT_THAT(Fault(0, 5, OnError::kGoOn), Succeeds());
  EXPECT_TRUE(Present(2));
}

TEST_F(PopulateTest, InaccessibleMemoryStopsOrIsSkipped) {
  Map(0, 1, 0);
  Map(1, 1);
  EXPECT_THAT(Fault(0, 2, OnError::kStop), FailsWith(Errno::kEFAULT));
  EXPECT_FALSE(Present(1));
  EXPECT_THAT(Fault(0, 2, OnError::kGoOn), Succeeds());
  EXPECT_TRUE(Present(1));
}

}  // namespace
}  // namespace faultline::mm
