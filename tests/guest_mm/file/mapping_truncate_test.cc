#include <string>
#include <vector>

#include "tests/guest_mm/testing/calls_fixture.h"
#include "tests/guest_mm/testing/fake_backing.h"

namespace faultline::mm {
namespace {

class MappingTruncateTest : public CallsTest {
 protected:
  std::shared_ptr<TestFile> Shmem(uint64_t pages) {
    return machine_.NewFile(Mapping::Kind::kShmem,
                            std::string(pages * kPage, 'x'));
  }
};

TEST_F(MappingTruncateTest, PagesBeyondTheEndLeaveCacheAndMappings) {
  auto file = Shmem(4);
  MapFile(0, 4, kRW, kMapShared, file);
  EXPECT_EQ(Load(1), 'x');
  EXPECT_EQ(Load(3), 'x');
  EXPECT_EQ(mm_.rss.shmem, PageCount(4)) << "the cached ones around came along";
  file->mapping().Resize(2 * kPage);
  EXPECT_EQ(file->mapping().cached(), PageCount(2));
  EXPECT_EQ(mm_.rss.shmem, PageCount(2));
  EXPECT_EQ(Load(1), 'x');
  EXPECT_EQ(Load(3), -1) << "SIGBUS";
  file->mapping().Resize(4 * kPage);
  EXPECT_EQ(Load(3), 0);
}

TEST_F(MappingTruncateTest, SameSizeDropsWhatWasReservedBeyondTheEnd) {
  auto file = Shmem(1);
  ASSERT_THAT(file->mapping().Reserve(kPage, 2 * kPage), Succeeds());
  EXPECT_EQ(file->mapping().cached(), PageCount(3));
  file->mapping().Resize(kPage);
  EXPECT_EQ(file->mapping().cached(), PageCount(1));
}

TEST_F(MappingTruncateTest, TailOfTheLastPageIsZeroed) {
  auto file = Shmem(1);
  MapFile(0, 1, kRW, kMapShared, file);
  EXPECT_EQ(Load(0), 'x');
  file->mapping().Resize(100);
  file->mapping().Resize(kPage);
  EXPECT_EQ(machine_.Load(mm_, At(0) + 99), 'x');
  EXPECT_EQ(machine_.Load(mm_, At(0) + 100), 0);
}

TEST_F(MappingTruncateTest, PrivateCopiesBeyondTheEndGoTooButNotInAHole) {
  auto file = Shmem(3);
  MapFile(0, 3, kRW, kMapPrivate, file);
  EXPECT_TRUE(Store(1, 'p'));
  EXPECT_TRUE(Store(2, 'p'));
  file->mapping().PunchHole(kPage, kPage);
  EXPECT_EQ(Load(1), 'p');
  file->mapping().Resize(2 * kPage);
  EXPECT_EQ(Load(1), 'p');
  EXPECT_EQ(Load(2), -1);
  EXPECT_EQ(mm_.rss.anon, PageCount(1));
}

TEST_F(MappingTruncateTest, HoleZeroesItsPartialPages) {
  auto file = Shmem(4);
  file->mapping().PunchHole(kPage / 2, 2 * kPage);
  EXPECT_EQ(file->mapping().cached(), PageCount(3));
  EXPECT_EQ(file->mapping().size(), 4 * kPage);
  std::string all(4 * kPage, '?');
  ASSERT_THAT(file->mapping().Read(
                  0, {reinterpret_cast<std::byte*>(all.data()), all.size()}),
              Succeeds());
  EXPECT_EQ(all, std::string(kPage / 2, 'x') + std::string(2 * kPage, '\0') +
                     std::string(3 * kPage / 2, 'x'));
}

TEST_F(MappingTruncateTest, HoleInsideOnePageIsZeroedInPlace) {
  auto file = Shmem(1);
  file->mapping().PunchHole(10, 20);
  EXPECT_EQ(file->mapping().cached(), PageCount(1));
  MapFile(0, 1, 1, kMapShared, file);
  EXPECT_EQ(machine_.Load(mm_, At(0) + 9), 'x');
  EXPECT_EQ(machine_.Load(mm_, At(0) + 10), 0);
  EXPECT_EQ(machine_.Load(mm_, At(0) + 30), 'x');
}

TEST_F(MappingTruncateTest, OnlyTheVmasThatReachTheRangeAreZapped) {
  auto file = Shmem(4);
  MapFile(0, 1, 1, kMapShared, file, 0);
  MapFile(8, 1, 1, kMapShared, file, 3);
  EXPECT_EQ(Load(0), 'x');
  EXPECT_EQ(Load(8), 'x');
  file->mapping().PunchHole(3 * kPage, kPage);
  EXPECT_TRUE(Present(0));
  EXPECT_FALSE(Present(8));
  EXPECT_EQ(Load(8), 0);
}

TEST_F(MappingTruncateTest, BackingIsNotAskedForWhatWasCutOff) {
  FakeBacking::Bytes bytes(3 * kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  file->mapping().Resize(kPage + 10);
  file->mapping().Resize(3 * kPage);
  MapFile(0, 3, 1, kMapShared, file);
  EXPECT_EQ(Load(0), 'x');
  EXPECT_EQ(machine_.Load(mm_, At(1) + 9), 'x');
  EXPECT_EQ(machine_.Load(mm_, At(1) + 10), 0);
  EXPECT_EQ(Load(2), 0);
}

TEST_F(MappingTruncateTest, HoleInABackedFileIsWrittenAsZeroes) {
  FakeBacking::Bytes bytes(3 * kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  file->mapping().PunchHole(kPage, kPage);
  ASSERT_THAT(file->mapping().WriteBack(0, 3 * kPage), Succeeds());
  EXPECT_EQ(bytes[kPage - 1], 'x');
  EXPECT_EQ(bytes[kPage], 0);
  EXPECT_EQ(bytes[2 * kPage], 'x');
}

TEST_F(MappingTruncateTest, WhatIsWrittenAfterwardsCanBeReadFromItsPlaceAgain) {
  FakeBacking::Bytes bytes(2 * kPage, 'o');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  Mapping& mapping = file->mapping();
  mapping.Resize(0);
  const std::vector<std::byte> text(kPage, std::byte{'n'});
  ASSERT_THAT(mapping.Write(0, text), Succeeds());
  ASSERT_THAT(mapping.WriteBack(0, kPage), Succeeds());
  ASSERT_EQ(mapping.DropClean(), PageCount(1));
  std::vector<std::byte> back(kPage);
  ASSERT_THAT(mapping.Read(0, absl::MakeSpan(back)), Succeeds());
  EXPECT_EQ(back, text);
}

}  // namespace
}  // namespace faultline::mm
