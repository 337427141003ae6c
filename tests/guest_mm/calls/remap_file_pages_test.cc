#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

class RemapFilePagesTest : public CallsTest {};

TEST_F(RemapFilePagesTest, ReordersThePagesOfASharedMapping) {
  Map(0, 4, kRW, kAnonShared);
  Fill(0, 4);
  EXPECT_THAT(RemapFilePages(mm_, At(0), kPage, 0, 3, 0), Succeeds());
  EXPECT_EQ(Load(0), 4);
  EXPECT_EQ(Load(1), 2);
  EXPECT_TRUE(Store(0, 9));
  EXPECT_EQ(Load(3), 9);
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-s", "1-4 rw-s"));
}

TEST_F(RemapFilePagesTest, ArgumentsAreJudged) {
  Map(0, 4, kRW, kAnonShared);
  Map(8, 2);
  EXPECT_THAT(RemapFilePages(mm_, At(0), kPage, 1, 0, 0),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(RemapFilePages(mm_, At(0), 5, 0, 0, 0),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(RemapFilePages(mm_, At(0), 2 * kPage, 0, ~uint64_t{0}, 0),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(RemapFilePages(mm_, At(3), 2 * kPage, 0, 0, 0),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(RemapFilePages(mm_, At(8), kPage, 0, 0, 0),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(RemapFilePages(mm_, At(20), kPage, 0, 0, 0),
              FailsWith(Errno::kEINVAL));
}

TEST_F(RemapFilePagesTest, SpansMappingsOfOneFileOnly) {
  Map(0, 2, kRW, kAnonShared);
  Map(2, 2, kRW, kAnonShared);
  EXPECT_THAT(RemapFilePages(mm_, At(1), 2 * kPage, 0, 0, 0),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(RemapFilePages(mm_, At(0), kPage, 0, 1, 0), Succeeds());
  EXPECT_THAT(RemapFilePages(mm_, At(0), 2 * kPage, 0, 0, 0), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-s", "2-4 rw-s"));
}

}  // namespace
}  // namespace faultline::mm
