// Covers: guest_mm/uffd/mfill_page.cc guest_mm/uffd/copy_page.cc
// Covers: guest_mm/file/mapping_fill.cc
#include "guest_mm/uffd/mfill.h"

#include "guest_mm/uffd/copy_page.h"
#include "tests/guest_mm/uffd/uffd_fixture.h"

namespace faultline::mm {
namespace {

using Kind = PageFaultOutcome::Kind;

class UffdFillTest : public UffdTest {};

TEST_F(UffdFillTest, CopyBringsTheBytesOfItsSource) {
  Map(kSource, 2);
  CallsTest::Fill(kSource, 2);
  Map(0, 2);
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeMissing);
  EXPECT_EQ(*Copy(*ctx, 0, 2), 2 * kPage);
  EXPECT_EQ(Load(0), int(uint8_t(kSource + 1)));
  EXPECT_EQ(Load(1), int(uint8_t(kSource + 2)));
  EXPECT_TRUE(Store(0, 1));
}

TEST_F(UffdFillTest, WhatIsMappedIsNotReplaced) {
  MapSource(1);
  Map(0, 1);
  ASSERT_TRUE(Store(0, 7));
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  EXPECT_THAT(Copy(*ctx, 0), FailsWith(Errno::kEEXIST));
  EXPECT_THAT(Fill(*ctx, UffdFill::kZero, 0), FailsWith(Errno::kEEXIST));
  EXPECT_THAT(Fill(*ctx, UffdFill::kPoison, 0), FailsWith(Errno::kEEXIST));
  EXPECT_EQ(Load(0), 7);
}

TEST_F(UffdFillTest, BytesDoneWinOverTheError) {
  Map(kSource, 3);
  CallsTest::Fill(kSource, 3);
  Map(0, 3);
  ASSERT_TRUE(Store(2, 7));
  auto ctx = NewContext();
  Arm(*ctx, 0, 3, kUffdModeMissing);
  EXPECT_EQ(*Copy(*ctx, 0, 3), 2 * kPage);
}

TEST_F(UffdFillTest, TheRangeMustLieInOneArmedVma) {
  MapSource(1);
  Map(0, 2);
  auto ctx = NewContext();
  EXPECT_THAT(Copy(*ctx, 0), FailsWith(Errno::kENOENT));
  Arm(*ctx, 0, 1, kUffdModeMissing);
  EXPECT_THAT(Copy(*ctx, 0, 2), FailsWith(Errno::kENOENT));
  EXPECT_THAT(Copy(*ctx, 5), FailsWith(Errno::kENOENT));
}

TEST_F(UffdFillTest, ASourceThatIsNotThereIsEfault) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Spawn("copier",
        [&] { EXPECT_THAT(Copy(*ctx, 0), FailsWith(Errno::kEFAULT)); });
  RunToEnd();
  EXPECT_TRUE(EntryOf(0).none());
}

TEST_F(UffdFillTest, ASourceInSwapIsFaultedInWithTheLocksDropped) {
  MapSource(33);
  SwapOutPage(kSource);
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Spawn("copier", [&] { EXPECT_EQ(*Copy(*ctx, 0), kPage); });
  RunToEnd();
  EXPECT_EQ(Load(0), 33);
}

// A source under userfaultfd makes one handler wait for another.
TEST_F(UffdFillTest, ASourceThatIsWatchedWaitsForItsOwnHandler) {
  Map(0, 1);
  Map(kSource, 1);
  auto ctx = NewContext();
  auto source = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Arm(*source, kSource, 1, kUffdModeMissing);
  Spawn("copier", [&] { EXPECT_EQ(*Copy(*ctx, 0), kPage); });
  Spawn("handler", [&] {
    Next(*source);
    EXPECT_THAT(Fill(*source, UffdFill::kZero, kSource), Succeeds());
    source->Wake(Pages(kSource, 1), "zeropage");
  });
  RunToEnd();
  EXPECT_EQ(Load(0), 0);
}

TEST_F(UffdFillTest, ProtectedCopiesNeedTheMode) {
  MapSource(1);
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  EXPECT_THAT(Copy(*ctx, 0, 1, true), FailsWith(Errno::kEINVAL));
  Arm(*ctx, 0, 1, kUffdModeMissing | kUffdModeWp);
  ASSERT_THAT(Copy(*ctx, 0, 1, true), Succeeds());
  EXPECT_TRUE(EntryOf(0).flags.has(EntryFlag::kUffdWp));
  EXPECT_FALSE(EntryOf(0).write());
}

TEST_F(UffdFillTest, CopyReplacesAMarkerAndZeropageDoesNot) {
  MapSource(1);
  Map(0, 2);
  auto ctx = NewContext(kUffdWpUnpopulated);
  Arm(*ctx, 0, 2, kUffdModeMissing | kUffdModeWp);
  ASSERT_THAT(Protect(*ctx, 0, 2), Succeeds());
  ASSERT_TRUE(EntryOf(0).marker(kMarkerUffdWp));
  EXPECT_THAT(Fill(*ctx, UffdFill::kZero, 0), FailsWith(Errno::kEEXIST));
  EXPECT_THAT(Copy(*ctx, 0), Succeeds());
}

TEST_F(UffdFillTest, PoisonIsAMemoryErrorToTouch) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  ASSERT_THAT(Fill(*ctx, UffdFill::kPoison, 0), Succeeds());
  Spawn("faulter",
        [&] { EXPECT_EQ(Touch(0, Access::kRead), Kind::kHwPoison); });
  RunToEnd();
}

TEST_F(UffdFillTest, ContinueMapsTheFilesPage) {
  Map(0, 2, kRW, kAnonShared);
  ASSERT_TRUE(Store(0, 5));
  {
    ReadGuard guard(mm_.mmap_lock());
    ZapRange(mm_, VmaAt(0), Pages(0, 1));
  }
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeMinor);
  EXPECT_EQ(*Fill(*ctx, UffdFill::kContinue, 0), kPage);
  EXPECT_EQ(Load(0), 5);
  EXPECT_THAT(Fill(*ctx, UffdFill::kContinue, 0), FailsWith(Errno::kEEXIST));
  EXPECT_THAT(Fill(*ctx, UffdFill::kContinue, 1), FailsWith(Errno::kEFAULT));
}

TEST_F(UffdFillTest, ContinueIsForSharedMemoryOnly) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  EXPECT_THAT(Fill(*ctx, UffdFill::kContinue, 0), FailsWith(Errno::kEINVAL));
}

TEST_F(UffdFillTest, ACopyIntoSharedMemoryGoesToTheFile) {
  MapSource(8);
  Map(0, 2, kRW, kAnonShared);
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeMissing);
  ASSERT_EQ(*Copy(*ctx, 0), kPage);
  EXPECT_EQ(VmaAt(0).file->mapping().cached(), PageCount(1));
  {
    ReadGuard guard(mm_.mmap_lock());
    ZapRange(mm_, VmaAt(0), Pages(0, 1));
  }
  // The file has it, though no entry leads there.
  EXPECT_THAT(Copy(*ctx, 0), FailsWith(Errno::kEEXIST));
  EXPECT_EQ(Load(0), 8);
}

TEST_F(UffdFillTest, APrivateMappingOfSharedMemoryGetsAPageOfItsOwn) {
  MapSource(8);
  const auto file = machine_.NewFile(Mapping::Kind::kShmem, "abc");
  MapFile(0, 1, kRW, kMapPrivate, file);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  ASSERT_EQ(*Copy(*ctx, 0), kPage);
  EXPECT_EQ(Load(0), 8);
  EXPECT_EQ(machine_.FrameAt(mm_, At(0)).use, FrameUse::kAnon);
}

TEST_F(UffdFillTest, BeyondTheFilesEndIsEfault) {
  MapSource(8);
  const auto file = machine_.NewFile(Mapping::Kind::kShmem, "abc");
  MapFile(0, 2, kRW, kMapShared, file);
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeMissing);
  EXPECT_THAT(Copy(*ctx, 1), FailsWith(Errno::kEFAULT));
}

TEST_F(UffdFillTest, WhileTheSpaceIsChangingNothingIsFilled) {
  MapSource(1);
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  ctx->BeginChange();
  EXPECT_THAT(Copy(*ctx, 0), FailsWith(Errno::kEAGAIN));
  ctx->EndChange();
  EXPECT_THAT(Copy(*ctx, 0), Succeeds());
}

TEST_F(UffdFillTest, EveryAllocationThatFailsIsEnomemAndLeavesNothing) {
  MapSource(1);
  int failures = 0;
  for (int n = 0; n < 8; ++n) {
    Map(0, 1);
    auto ctx = NewContext();
    Arm(*ctx, 0, 1, kUffdModeMissing);
    bool failed = false;
    FailNthAllocation(n, &failed);
    const ErrnoOr<uint64_t> copied = Copy(*ctx, 0);
    machine_.FailAllocations(nullptr);
    EXPECT_EQ(copied.error(), failed ? Errno::kENOMEM : Errno::kOk);
    failures += failed ? 1 : 0;
    machine_.Validate();
    ctx->Release();
    ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  }
  EXPECT_GE(failures, 1);
}

TEST_F(UffdFillTest, WithoutFaultsOnlyWhatIsMappedCanBeRead) {
  Map(kSource, 2);
  ASSERT_TRUE(Store(kSource, 3));
  std::byte bytes[8];
  EXPECT_TRUE(CopyFromUser(mm_, At(kSource), bytes, MayFault::kNo));
  EXPECT_EQ(bytes[0], std::byte{3});
  EXPECT_FALSE(CopyFromUser(mm_, At(kSource + 1), bytes, MayFault::kNo));
  EXPECT_TRUE(CopyFromUser(mm_, At(kSource + 1) - 4, bytes, MayFault::kYes));
}

}  // namespace
}  // namespace faultline::mm
