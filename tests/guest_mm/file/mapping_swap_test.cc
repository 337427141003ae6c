#include <string>

#include "guest_mm/mm/proc_report.h"
#include "tests/guest_mm/testing/fake_backing.h"
#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

class MappingSwapTest : public SwapTest {
 protected:
  MappingSwapTest() {
    Map(0, 4, kRW, kAnonShared);
    Fill(0, 4);
  }
  Mapping& file() { return VmaAt(0).file->mapping(); }
  Fate Send(uint64_t page) { return PageOut(machine_, *file().Find(page)); }
};

TEST_F(MappingSwapTest, ShmemPageGoesToSwapAndComesBack) {
  ASSERT_EQ(Send(1), Fate::kFreed);
  EXPECT_TRUE(EntryOf(1).none());
  EXPECT_EQ(file().cached(), PageCount(3));
  EXPECT_EQ(file().swapped(), PageCount(1));
  EXPECT_EQ(file().SwapSlotOf(1), SwapSlot(1));
  EXPECT_EQ(mm_.rss.shmem, PageCount(3));
  EXPECT_EQ(mm_.rss.swap, PageCount(0));  // it is the file's
  EXPECT_EQ(Used(), 1u);
  const PageFaultOutcome o =
      HandlePageFault(mm_, {.address = At(1), .access = Access::kRead});
  EXPECT_TRUE(o.major);
  EXPECT_EQ(Load(1), 2);
  EXPECT_EQ(Used(), 0u);
  EXPECT_EQ(file().swapped(), PageCount(0));
}

TEST_F(MappingSwapTest, ReadAndWriteFindWhatIsInSwap) {
  ASSERT_EQ(Send(1), Fate::kFreed);
  ASSERT_EQ(Send(2), Fate::kFreed);
  std::byte byte{};
  ASSERT_THAT(file().Read(kPage, {&byte, 1}), Succeeds());
  EXPECT_EQ(byte, std::byte(2));
  byte = std::byte(77);
  ASSERT_THAT(file().Write(2 * kPage + 1, {&byte, 1}), Succeeds());
  EXPECT_EQ(Load(2), 3);
  EXPECT_EQ(machine_.Load(mm_, At(2) + 1), 77);
  EXPECT_EQ(Used(), 0u);
}

TEST_F(MappingSwapTest, PageInSwapIsNoHole) {
  ASSERT_EQ(Send(0), Fate::kFreed);
  ASSERT_EQ(Send(3), Fate::kFreed);
  EXPECT_EQ(file().NextPage(0), 0u);
  EXPECT_EQ(file().NextPage(3), 3u);
  EXPECT_EQ(file().NextPage(4), std::nullopt);
  EXPECT_EQ(file().SwappedIn(0, 3), PageCount(1));
}

TEST_F(MappingSwapTest, TruncationFreesSlots) {
  for (uint64_t i = 0; i < 4; ++i) {
    ASSERT_EQ(Send(i), Fate::kFreed);
  }
  file().PunchHole(kPage, kPage);
  machine_.ValidateStep();
  EXPECT_EQ(Used(), 3u);
  file().Resize(2 * kPage);
  machine_.ValidateStep();
  EXPECT_EQ(Used(), 1u);
  EXPECT_EQ(Load(1), 0);
  EXPECT_EQ(Load(0), 1);
}

TEST_F(MappingSwapTest, PartOfAPageInSwapIsZeroedByTruncation) {
  ASSERT_TRUE(machine_.Store(mm_, At(1) + 9, 9));
  ASSERT_EQ(Send(1), Fate::kFreed);
  file().Resize(kPage + 9);
  file().Resize(4 * kPage);
  machine_.ValidateStep();
  EXPECT_EQ(machine_.Load(mm_, At(1) + 9), 0);
  EXPECT_EQ(Load(1), 2);
}

TEST_F(MappingSwapTest, EndOfTheFileFreesItsSlots) {
  ASSERT_EQ(Send(1), Fate::kFreed);
  ASSERT_THAT(Munmap(mm_, At(0), 4 * kPage), Succeeds());
  machine_.ValidateStep();
  EXPECT_EQ(Used(), 0u);
}

TEST_F(MappingSwapTest, NoFrameToComeBackToIsOutOfMemory) {
  ASSERT_EQ(Send(1), Fate::kFreed);
  bool failed = false;
  FailNthAllocation(0, &failed);
  EXPECT_EQ(machine_.Touch(mm_, At(1), Access::kRead),
            PageFaultOutcome::Kind::kOutOfMemory);
  EXPECT_TRUE(failed);
  EXPECT_EQ(Load(1), 2);
}

TEST_F(MappingSwapTest, SwapThatIsFullKeepsThePage) {
  Map(1000, kSlots);
  Fill(1000, kSlots);
  for (uint64_t i = 0; i < kSlots; ++i) {
    SwapOutPage(1000 + i);
  }
  EXPECT_EQ(Send(1), Fate::kActivate);
  EXPECT_EQ(Load(1), 2);
  EXPECT_EQ(file().cached(), PageCount(4));
}

TEST_F(MappingSwapTest, MincoreAndSmapsKnowShmemInSwap) {
  ASSERT_EQ(Send(1), Fate::kFreed);
  uint8_t in[4];
  ASSERT_THAT(Mincore(mm_, At(0), 4 * kPage, absl::MakeSpan(in)), Succeeds());
  EXPECT_THAT(in, testing::ElementsAre(1, 0, 1, 1));
  EXPECT_THAT(RenderSmaps(mm_),
              testing::HasSubstr("Swap:                  4 kB\n"));
  EXPECT_THAT(RenderStatusVm(mm_), testing::HasSubstr("VmSwap:\t       0 kB"));
}

TEST_F(MappingSwapTest, PrivateCopiesHideWhatTheFileHasInSwap) {
  MapFile(8, 4, kRW, kMapPrivate, VmaAt(0).file);
  ASSERT_TRUE(Store(9, 60));
  ASSERT_EQ(Send(1), Fate::kFreed);
  ASSERT_EQ(Send(2), Fate::kFreed);
  ASSERT_THAT(Munmap(mm_, At(0), 4 * kPage), Succeeds());
  // Page 2 counts, page 1 is a copy of its own.
  EXPECT_THAT(RenderSmaps(mm_),
              testing::HasSubstr("Swap:                  4 kB\n"));
  EXPECT_EQ(Load(9), 60);
}

TEST_F(MappingSwapTest, BackedFileIsWrittenAndReadAgain) {
  FakeBacking::Bytes bytes(2 * kPage, 'b');
  auto backed = MakeBackedFile(machine_.phys(), &bytes);
  MapFile(16, 2, kRW, kMapShared, backed);
  ASSERT_TRUE(Store(16, 'w'));
  EXPECT_EQ(Load(17), 'b');
  for (uint64_t i = 0; i < 2; ++i) {
    EXPECT_EQ(PageOut(machine_, *backed->mapping().Find(i)), Fate::kFreed);
  }
  EXPECT_EQ(bytes[0], 'w');
  EXPECT_EQ(FakeBacking::Of(*backed).writes(), 1);
  EXPECT_EQ(mm_.rss.file, PageCount(0));
  EXPECT_EQ(Load(16), 'w');
  // A page that cannot be written stays.
  ASSERT_TRUE(Store(16, 'x'));
  FakeBacking::Of(*backed).set_broken(true);
  EXPECT_EQ(PageOut(machine_, *backed->mapping().Find(0)), Fate::kActivate);
  EXPECT_EQ(Load(16), 'x');
}

}  // namespace
}  // namespace faultline::mm
