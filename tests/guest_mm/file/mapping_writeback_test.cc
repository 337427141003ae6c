#include <string>

#include "tests/guest_mm/testing/calls_fixture.h"
#include "tests/guest_mm/testing/fake_backing.h"

namespace faultline::mm {
namespace {

class MappingWritebackTest : public CallsTest {
 protected:
  MappingWritebackTest()
      : bytes_(3 * kPage, 'x'),
        file_(MakeBackedFile(machine_.phys(), &bytes_)) {}
  ~MappingWritebackTest() override {
    (void)Munmap(mm_, At(0), 64 * kPage);  // before the file goes
  }
  FakeBacking::Bytes bytes_;
  std::shared_ptr<BackedFile> file_;
};

TEST_F(MappingWritebackTest, StoresInEverySpaceAreCollected) {
  MapFile(0, 3, kRW, kMapShared, file_);
  AddressSpace& other = machine_.Adopt(*DupMm(mm_));
  EXPECT_TRUE(Store(0, 'a'));
  EXPECT_TRUE(machine_.Store(other, At(2), 'b'));
  ASSERT_THAT(file_->mapping().WriteBack(0, 3 * kPage), Succeeds());
  EXPECT_EQ(bytes_[0], 'a');
  EXPECT_EQ(bytes_[2 * kPage], 'b');
  EXPECT_EQ(file_->backing().writes(), 2);
  EXPECT_FALSE(machine_.EntryAt(mm_, At(0)).dirty());
}

TEST_F(MappingWritebackTest, OnlyTheRangeAskedForIsWritten) {
  MapFile(0, 3, kRW, kMapShared, file_);
  EXPECT_TRUE(Store(0, 'a'));
  EXPECT_TRUE(Store(1, 'b'));
  ASSERT_THAT(file_->mapping().WriteBack(kPage, kPage), Succeeds());
  EXPECT_EQ(bytes_[0], 'x');
  EXPECT_EQ(bytes_[kPage], 'b');
}

TEST_F(MappingWritebackTest, NothingIsWrittenBeyondTheEnd) {
  file_->mapping().Resize(kPage + 5);
  bytes_.resize(kPage + 5);
  MapFile(0, 2, kRW, kMapShared, file_);
  EXPECT_TRUE(Store(1, 'b'));
  EXPECT_TRUE(machine_.Store(mm_, At(1) + 100, 'c'));
  ASSERT_THAT(file_->mapping().WriteBack(0, ~uint64_t{0}), Succeeds());
  EXPECT_EQ(bytes_.size(), kPage + 5);
  EXPECT_EQ(bytes_[kPage], 'b');
}

TEST_F(MappingWritebackTest, PageUnmappedDirtyIsStillWritten) {
  MapFile(0, 3, kRW, kMapShared, file_);
  EXPECT_TRUE(Store(0, 'a'));
  ASSERT_THAT(Munmap(mm_, At(0), 3 * kPage), Succeeds());
  ASSERT_THAT(file_->mapping().WriteBack(0, 3 * kPage), Succeeds());
  EXPECT_EQ(bytes_[0], 'a');
}

}  // namespace
}  // namespace faultline::mm
