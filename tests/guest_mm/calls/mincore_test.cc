#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::Each;
using testing::ElementsAre;

class MincoreTest : public CallsTest {
 protected:
  ErrnoOr<Done> Ask(uint64_t page, uint64_t pages) {
    out_.assign(pages, 0xee);
    return Mincore(mm_, At(page), pages * kPage, absl::MakeSpan(out_));
  }
  std::vector<uint8_t> out_;
};

TEST_F(MincoreTest, ArgumentsAreJudged) {
  std::vector<uint8_t> out(1);
  EXPECT_THAT(Mincore(mm_, At(0) + 1, kPage, absl::MakeSpan(out)),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(
      Mincore(mm_, x86::Ops().layout().user_end, kPage, absl::MakeSpan(out)),
      FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Mincore(mm_, At(0), 0, {}), Succeeds());
}

TEST_F(MincoreTest, AnonymousPagesAreThereOnceTouched) {
  Map(0, 3);
  Fill(1, 1);
  EXPECT_THAT(Ask(0, 3), Succeeds());
  EXPECT_THAT(out_, ElementsAre(0, 1, 0));
}

TEST_F(MincoreTest, ZeroPageIsInCore) {
  Map(0, 2);
  EXPECT_EQ(Load(1), 0);
  EXPECT_THAT(Ask(0, 2), Succeeds());
  EXPECT_THAT(out_, ElementsAre(0, 1));
}

TEST_F(MincoreTest, UnalignedLengthIsRoundedUp) {
  Map(0, 2);
  Fill(0, 2);
  std::vector<uint8_t> out(2);
  EXPECT_THAT(Mincore(mm_, At(0), kPage + 1, absl::MakeSpan(out)), Succeeds());
  EXPECT_THAT(out, Each(1));
}

TEST_F(MincoreTest, FilePagesAreThereWhenThePageCacheHasThem) {
  auto file = machine_.NewFile(Mapping::Kind::kRegular, "x");
  file->mapping().Resize(3 * kPage);
  MapFile(0, 3, 1, kMapShared, file);
  EXPECT_THAT(Ask(0, 3), Succeeds());
  EXPECT_THAT(out_, ElementsAre(1, 0, 0));
}

TEST_F(MincoreTest, HoleIsOutOfMemoryAfterWhatLiesBelowIt) {
  Map(0, 2);
  Map(3, 1);
  Fill(1, 1);
  EXPECT_THAT(Ask(0, 4), FailsWith(Errno::kENOMEM));
  EXPECT_EQ(out_[0], 0);
  EXPECT_EQ(out_[1], 1);
}

}  // namespace
}  // namespace faultline::mm
