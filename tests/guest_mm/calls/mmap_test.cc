#include "guest_mm/calls/mmap.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

class MmapTest : public CallsTest {
 protected:
  ErrnoOr<GuestAddr> Try(GuestAddr hint, uint64_t length, uint64_t prot,
                         uint64_t flags, uint64_t pgoff = 0) {
    MmapRequest r = Request(hint, 0, prot, flags);
    r.length = length;
    r.pgoff = pgoff;
    return Mmap(mm_, r);
  }
};

TEST_F(MmapTest, LengthZeroIsInvalid) {
  EXPECT_THAT(Try(At(0), 0, kRW, kAnon), FailsWith(Errno::kEINVAL));
}

TEST_F(MmapTest, LengthThatRoundsToZeroIsOutOfMemory) {
  EXPECT_THAT(Try(At(0), ~uint64_t{0}, kRW, kAnon), FailsWith(Errno::kENOMEM));
}

TEST_F(MmapTest, OffsetThatWrapsOverflows) {
  EXPECT_THAT(Try(At(0), 2 * kPage, kRW, kAnon, ~uint64_t{0}),
              FailsWith(Errno::kEOVERFLOW));
}

TEST_F(MmapTest, LengthIsJudgedBeforeTheOffset) {
  EXPECT_THAT(Try(At(0), 0, kRW, kAnon, ~uint64_t{0}),
              FailsWith(Errno::kEINVAL));
}

TEST_F(MmapTest, FixedMustBePageAligned) {
  EXPECT_THAT(Try(At(0) + 1, kPage, kRW, kAnon | kMapFixed),
              FailsWith(Errno::kEINVAL));
}

TEST_F(MmapTest, FixedBeyondUserSpaceIsOutOfMemoryEvenUnaligned) {
  const GuestAddr end = x86::Ops().layout().user_end;
  EXPECT_THAT(Try(end - kPage + 1, 2 * kPage, kRW, kAnon | kMapFixed),
              FailsWith(Errno::kENOMEM));
}

TEST_F(MmapTest, NeitherSharedNorPrivateIsInvalid) {
  EXPECT_THAT(Try(At(0), kPage, kRW, kMapAnonymous), FailsWith(Errno::kEINVAL));
}

TEST_F(MmapTest, SharedValidateOfAnonymousMemoryIsInvalid) {
  EXPECT_THAT(Try(At(0), kPage, kRW, kMapSharedValidate | kMapAnonymous),
              FailsWith(Errno::kEINVAL));
}

TEST_F(MmapTest, SharedMemoryDoesNotGrowDown) {
  EXPECT_THAT(Try(At(0), kPage, kRW, kAnonShared | kMapGrowsDown),
              FailsWith(Errno::kEINVAL));
}

TEST_F(MmapTest, HintIsRoundedDownAndTakenIfFree) {
  const auto at = Try(At(3) + 5, kPage, kRW, kAnon);
  ASSERT_THAT(at, Succeeds());
  EXPECT_EQ(*at, At(3));
}

TEST_F(MmapTest, HintInUseIsIgnored) {
  Map(0, 4);
  const auto at = Try(At(3), 2 * kPage, kRW, kAnon);
  ASSERT_THAT(at, Succeeds());
  EXPECT_EQ(*at, mm_.mmap_base - 2 * kPage);
}

TEST_F(MmapTest, HintBelowTheLowestAddressIsRaisedToIt) {
  const auto at = Try(GuestAddr(kPage), kPage, kRW, kAnon);
  ASSERT_THAT(at, Succeeds());
  EXPECT_EQ(at->value(), machine_.system().sysctl().mmap_min_addr);
}

TEST_F(MmapTest, FixedAtZeroNeedsThePrivilege) {
  mm_.limits.can_map_low = false;
  EXPECT_THAT(Try(GuestAddr(0), kPage, kRW, kAnon | kMapFixed),
              FailsWith(Errno::kEPERM));
  mm_.limits.can_map_low = true;
  EXPECT_THAT(Try(GuestAddr(0), kPage, kRW, kAnon | kMapFixed), Succeeds());
}

TEST_F(MmapTest, MappingsGoDownFromTheBaseAndMerge) {
  const auto first = Try(GuestAddr(0), kPage, kRW, kAnon);
  const auto second = Try(GuestAddr(0), kPage, kRW, kAnon);
  ASSERT_THAT(first, Succeeds());
  ASSERT_THAT(second, Succeeds());
  EXPECT_EQ(*first, mm_.mmap_base - kPage);
  EXPECT_EQ(*second, *first - kPage);
  EXPECT_EQ(mm_.vmas().size(), 1u);
}

TEST_F(MmapTest, WholeHugePagesOfAnonymousMemoryAreAligned) {
  ASSERT_THAT(Try(GuestAddr(0), kPage, kRW, kAnon), Succeeds());
  const auto at = Try(GuestAddr(0), 4 << 20, kRW, kAnon);
  ASSERT_THAT(at, Succeeds());
  EXPECT_EQ(at->value() % (2 << 20), 0u);
}

TEST_F(MmapTest, FixedNoReplaceRefusesToReplace) {
  Map(0, 4);
  EXPECT_THAT(Try(At(3), 2 * kPage, kRW, kAnon | kMapFixedNoReplace),
              FailsWith(Errno::kEEXIST));
  EXPECT_THAT(Try(At(4), kPage, kRW, kAnon | kMapFixedNoReplace), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-5 rw-p"));
}

TEST_F(MmapTest, FixedReplacesAndItsPagesAreNew) {
  Map(0, 4);
  Fill(0, 4);
  Map(1, 2);
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(Load(1), 0);
  EXPECT_EQ(Load(3), 4);
}

TEST_F(MmapTest, TooManyMappingsIsOutOfMemory) {
  machine_.system().sysctl().max_map_count = 2;
  Map(0, 1);
  Map(2, 1);
  Map(4, 1);  // Linux compares with >, so one more than the limit fits
  EXPECT_THAT(Try(At(6), kPage, kRW, kAnon), FailsWith(Errno::kENOMEM));
}

TEST_F(MmapTest, AddressSpaceLimitCountsWhatFixedReplaces) {
  mm_.limits.as = 4 * kPage;
  Map(0, 4);
  EXPECT_THAT(Try(At(8), kPage, kRW, kAnon), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Try(At(1), 2 * kPage, 1, kAnon | kMapFixed), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "1-3 r--p", "3-4 rw-p"));
}

TEST_F(MmapTest, RefusedFixedMappingLeavesThePagesInItsWay) {
  Map(0, 4);
  Fill(0, 4);
  mm_.limits.as = 4 * kPage;
  EXPECT_THAT(Try(At(2), 4 * kPage, kRW, kAnon | kMapFixed),
              FailsWith(Errno::kENOMEM));
  EXPECT_EQ(Load(2), 3);
  EXPECT_EQ(Load(3), 4);
}

TEST_F(MmapTest, DataLimitHoldsPrivateWritableMemoryOnly) {
  mm_.limits.data = 2 * kPage;
  EXPECT_THAT(Try(At(0), 3 * kPage, kRW, kAnon), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Try(At(0), 3 * kPage, 1, kAnon), Succeeds());
  EXPECT_THAT(Try(At(8), 3 * kPage, kRW, kAnonShared), Succeeds());
  EXPECT_THAT(Try(At(16), 2 * kPage, kRW, kAnon), Succeeds());
}

TEST_F(MmapTest, LockedMemoryIsHeldToItsLimit) {
  mm_.limits.can_exceed_memlock = false;
  mm_.limits.memlock = 2 * kPage;
  EXPECT_THAT(Try(At(0), 3 * kPage, kRW, kAnon | kMapLocked),
              FailsWith(Errno::kEAGAIN));
  EXPECT_THAT(Try(At(0), 2 * kPage, kRW, kAnon | kMapLocked), Succeeds());
  EXPECT_EQ(mm_.locked_vm, PageCount(2));
  mm_.limits.memlock = 0;
  EXPECT_THAT(Try(At(8), kPage, kRW, kAnon | kMapLocked),
              FailsWith(Errno::kEPERM));
}

TEST_F(MmapTest, PopulateFaultsEverythingInForWriting) {
  Map(0, 3, kRW, kAnon | kMapPopulate);
  EXPECT_EQ(mm_.rss.anon, PageCount(3));
  EXPECT_TRUE(machine_.EntryAt(mm_, At(1)).write());
}

TEST_F(MmapTest, NonBlockTakesPopulateBack) {
  Map(0, 3, kRW, kAnon | kMapPopulate | kMapNonBlock);
  EXPECT_EQ(mm_.rss.anon, PageCount(0));
}

TEST_F(MmapTest, LockedMemoryIsFaultedInAtOnce) {
  Map(0, 3, kRW, kAnon | kMapLocked);
  EXPECT_EQ(mm_.rss.anon, PageCount(3));
}

TEST_F(MmapTest, OvercommitGuessRefusesMoreThanAllMemory) {
  const uint64_t all = machine_.system().phys().bytes();
  EXPECT_THAT(Try(GuestAddr(0), all + kPage, kRW, kAnon),
              FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Try(GuestAddr(0), all + kPage, kRW, kAnon | kMapNoReserve),
              Succeeds());
  machine_.system().sysctl().overcommit_memory = 1;
  EXPECT_THAT(Try(GuestAddr(0), all + kPage, kRW, kAnon), Succeeds());
}

TEST_F(MmapTest, StrictOvercommitCountsPromises) {
  machine_.system().sysctl().overcommit_memory = 2;
  const uint64_t half = machine_.system().phys().bytes() / 2;
  EXPECT_THAT(Try(At(0), half / 2, kRW, kAnon | kMapNoReserve), Succeeds());
  EXPECT_THAT(Try(GuestAddr(0), half / 2, kRW, kAnon),
              FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Munmap(mm_, At(0), half / 2), Succeeds());
  EXPECT_EQ(machine_.system().committed(), PageCount(0));
  EXPECT_THAT(Try(GuestAddr(0), half / 2, kRW, kAnon), Succeeds());
}

TEST_F(MmapTest, CommittedMemoryFollowsPrivateWritableMappings) {
  Map(0, 4);
  Map(8, 4, 1);
  Map(16, 4, kRW, kAnonShared);
  EXPECT_EQ(machine_.system().committed(), PageCount(8));
  ASSERT_THAT(Munmap(mm_, At(0), 2 * kPage), Succeeds());
  EXPECT_EQ(machine_.system().committed(), PageCount(6));
  ASSERT_THAT(Munmap(mm_, At(16), 4 * kPage), Succeeds());
  EXPECT_EQ(machine_.system().committed(), PageCount(2));
}

class MmapFileTest : public MmapTest {
 protected:
  MmapFileTest()
      : file_(machine_.NewFile(Mapping::Kind::kShmem,
                               std::string(2 * kPage, 'x'))) {}
  MmapRequest File(uint64_t prot, uint64_t flags) {
    MmapRequest r = Request(At(0), 2, prot, flags | kMapFixed);
    r.file = file_;
    return r;
  }
  std::shared_ptr<TestFile> file_;
};

TEST_F(MmapFileTest, SharedWritingNeedsAWritableDescriptor) {
  MmapRequest r = File(kRW, kMapShared);
  r.file_writable = false;
  EXPECT_THAT(Mmap(mm_, r), FailsWith(Errno::kEACCES));
  r.prot = 1;
  EXPECT_THAT(Mmap(mm_, r), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-2 r--s"));
  EXPECT_THAT(Mprotect(mm_, At(0), kPage, kRW), FailsWith(Errno::kEACCES));
  r.prot = kRW;
  r.flags = kMapPrivate | kMapFixed;
  EXPECT_THAT(Mmap(mm_, r), Succeeds());
}

TEST_F(MmapFileTest, EveryMappingNeedsAReadableDescriptor) {
  MmapRequest r = File(2, kMapPrivate);
  r.file_readable = false;
  EXPECT_THAT(Mmap(mm_, r), FailsWith(Errno::kEACCES));
}

TEST_F(MmapFileTest, NoexecMountForbidsExecNowAndLater) {
  MmapRequest r = File(5, kMapPrivate);
  r.file_noexec = true;
  EXPECT_THAT(Mmap(mm_, r), FailsWith(Errno::kEPERM));
  r.prot = 1;
  ASSERT_THAT(Mmap(mm_, r), Succeeds());
  EXPECT_THAT(Mprotect(mm_, At(0), kPage, 5), FailsWith(Errno::kEACCES));
}

TEST_F(MmapFileTest, SharedValidateRefusesFlagsItDoesNotKnow) {
  EXPECT_THAT(Mmap(mm_, File(1, kMapSharedValidate | kMapSync)),
              FailsWith(Errno::kEOPNOTSUPP));
  EXPECT_THAT(Mmap(mm_, File(1, kMapShared | kMapSync)), Succeeds());
  EXPECT_THAT(Mmap(mm_, File(1, kMapSharedValidate)), Succeeds());
}

TEST_F(MmapFileTest, FilesDoNotGrowDown) {
  EXPECT_THAT(Mmap(mm_, File(kRW, kMapPrivate | kMapGrowsDown)),
              FailsWith(Errno::kEINVAL));
}

TEST_F(MmapFileTest, OffsetBeyondTheLargestFileOverflows) {
  MmapRequest r = File(1, kMapShared);
  r.pgoff = (uint64_t{1} << 51) - 1;
  EXPECT_THAT(Mmap(mm_, r), FailsWith(Errno::kEOVERFLOW));
}

TEST_F(MmapFileTest, PrivateWritesStayPrivateAndSharedOnesDoNot) {
  MapFile(0, 2, kRW, kMapPrivate, file_);
  MapFile(4, 2, kRW, kMapShared, file_);
  EXPECT_TRUE(Store(0, 'p'));
  EXPECT_EQ(Load(4), 'x');
  EXPECT_TRUE(Store(5, 's'));
  EXPECT_EQ(Load(1), 's');
  EXPECT_EQ(Load(0), 'p');
}

TEST_F(MmapFileTest, ConsecutiveMappingsOfAFileMergeOnlyInStep) {
  MapFile(0, 1, 1, kMapPrivate, file_, 0);
  MapFile(1, 1, 1, kMapPrivate, file_, 1);
  MapFile(2, 1, 1, kMapPrivate, file_, 1);
  EXPECT_THAT(Rows(), ElementsAre("0-2 r--p", "2-3 r--p"));
  EXPECT_EQ(file_->mapping().vmas().size(), 2u);
}

TEST_F(MmapTest, NthAllocationMayFailAndNothingIsLost) {
  Map(1 << 20, 1);  // the frame that VMAs are paid from is there already
  for (int n = 0;; ++n) {
    bool failed = false;
    FailNthAllocation(n, &failed);
    ASSERT_THAT(Try(At(0), 3 * kPage, kRW, kAnon | kMapFixed | kMapPopulate),
                Succeeds());
    machine_.FailAllocations(nullptr);
    machine_.Validate();
    Fill(0, 3);
    ASSERT_THAT(Munmap(mm_, At(0), 3 * kPage), Succeeds());
    machine_.Validate();
    if (!failed) {
      EXPECT_GT(n, 3);
      break;
    }
  }
}

}  // namespace
}  // namespace faultline::mm
