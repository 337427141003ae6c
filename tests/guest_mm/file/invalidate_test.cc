#include "guest_mm/file/invalidate.h"

#include "tests/guest_mm/gup/gup_fixture.h"
#include "tests/guest_mm/testing/fake_backing.h"

namespace faultline::mm {
namespace {

class InvalidateTest : public GupTest {
 protected:
  InvalidateTest()
      : bytes_(4 * kPage, 'f'),
        file_(MakeBackedFile(machine_.phys(), &bytes_)) {
    MapFile(0, 4, kRW, kMapShared, file_);
  }
  bool Invalidate(uint64_t offset, uint64_t length) {
    const bool all =
        InvalidatePages(machine_.system(), file_->mapping(), offset, length);
    machine_.ValidateStep();
    return all;
  }
  FakeBacking::Bytes bytes_;
  std::shared_ptr<BackedFile> file_;
};

TEST_F(InvalidateTest, MappedAndDirtyPagesAreWrittenAndForgotten) {
  ASSERT_TRUE(Store(1, 'd'));
  ASSERT_EQ(Load(2), 'f');
  ASSERT_EQ(Load(3), 'f');
  EXPECT_TRUE(Invalidate(kPage + 5, kPage));
  EXPECT_FALSE(Present(1));
  EXPECT_FALSE(Present(2));
  EXPECT_TRUE(Present(3)) << "not in the range";
  EXPECT_EQ(bytes_[kPage], 'd');
  bytes_[kPage] = 'n';  // somebody writes to the disk
  EXPECT_EQ(Load(1), 'n');
}

TEST_F(InvalidateTest, PinnedPageStays) {
  ASSERT_THAT(Hold(1, 1, kPinToRead), Succeeds());
  EXPECT_FALSE(Invalidate(0, 4 * kPage));
  EXPECT_EQ(*file_->mapping().Find(1), Held(0));
}

TEST_F(InvalidateTest, PageThatCannotBeWrittenStays) {
  ASSERT_TRUE(Store(0, 'd'));
  file_->backing().set_broken(true);
  EXPECT_FALSE(Invalidate(0, kPage));
  file_->backing().set_broken(false);
  EXPECT_EQ(Load(0), 'd');
}

TEST_F(InvalidateTest, NothingToForgetIsSuccess) {
  EXPECT_TRUE(Invalidate(0, 0));
  EXPECT_TRUE(Invalidate(0, ~uint64_t{0} >> 1));
}

}  // namespace
}  // namespace faultline::mm
