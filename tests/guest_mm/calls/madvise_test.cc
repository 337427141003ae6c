// Covers: guest_mm/calls/advice.cc guest_mm/file/mapped_file.cc
// Covers: guest_mm/pgtable/zap.cc

#include "guest_mm/calls/advice.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

class MadviseTest : public CallsTest {
 protected:
  ErrnoOr<Done> Advise(uint64_t page, uint64_t pages, Advice advice) {
    return Madvise(mm_, At(page), pages * kPage, int(advice));
  }
  std::string Flags(uint64_t page) { return SmapsFlags(VmaAt(page).flags); }
};

TEST_F(MadviseTest, ArgumentsAreJudged) {
  Map(0, 2);
  EXPECT_THAT(Madvise(mm_, At(0) + 1, kPage, 0), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Madvise(mm_, At(0), ~uint64_t{0}, 0), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Madvise(mm_, At(0), ~kPage + 1, 0), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Madvise(mm_, At(0), 0, 0), Succeeds());
  EXPECT_THAT(Madvise(mm_, At(9), 0, 0), Succeeds());
}

TEST_F(MadviseTest, UnknownAdviceIsInvalidEvenOfNothing) {
  for (const int advice : {-1, 5, 6, 7, 99, 100}) {
    EXPECT_THAT(Madvise(mm_, At(0), 0, advice), FailsWith(Errno::kEINVAL))
        << advice;
  }
}

TEST_F(MadviseTest, MergeableMarksPrivateMemoryOnly) {
  Map(0, 2);
  EXPECT_THAT(Advise(0, 1, Advice::kMergeable), Succeeds());
  EXPECT_TRUE(VmaAt(0).has(VmaFlag::kMergeable));
  EXPECT_FALSE(VmaAt(1).has(VmaFlag::kMergeable));
  EXPECT_THAT(Advise(0, 2, Advice::kUnmergeable), Succeeds());
  EXPECT_EQ(Rows(), (Row{"0-2 rw-p"}));
  Map(4, 1, kRW, kAnonShared);
  EXPECT_THAT(Advise(4, 1, Advice::kMergeable), Succeeds());
  EXPECT_FALSE(VmaAt(4).has(VmaFlag::kMergeable));
}

TEST_F(MadviseTest, DontNeedGivesZeroesBack) {
  Map(0, 4);
  Fill(0, 4);
  EXPECT_THAT(Advise(1, 2, Advice::kDontNeed), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(Load(1), 0);
  EXPECT_EQ(Load(3), 4);
}

TEST_F(MadviseTest, DontNeedOfAPrivateFileShowsTheFileAgain) {
  auto file = machine_.NewFile(Mapping::Kind::kRegular, "x");
  MapFile(0, 1, kRW, kMapPrivate, file);
  EXPECT_TRUE(Store(0, 'y'));
  EXPECT_THAT(Advise(0, 1, Advice::kDontNeed), Succeeds());
  EXPECT_EQ(Load(0), 'x');
}

TEST_F(MadviseTest, HolesAreSkippedAndReportedInTheEnd) {
  Map(0, 1);
  Map(2, 1);
  Fill(0, 1);
  Fill(2, 1);
  EXPECT_THAT(Advise(0, 3, Advice::kDontNeed), FailsWith(Errno::kENOMEM));
  EXPECT_EQ(mm_.rss.anon, PageCount(0));
  EXPECT_THAT(Advise(2, 2, Advice::kDontNeed), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Advise(1, 1, Advice::kDontNeed), FailsWith(Errno::kENOMEM));
}

TEST_F(MadviseTest, LockedMemoryIsNotGivenBackUnlessNamed) {
  Map(0, 2, kRW, kAnon | kMapLocked);
  EXPECT_THAT(Advise(0, 2, Advice::kDontNeed), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Advise(0, 2, Advice::kFree), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Advise(0, 2, Advice::kCold), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Advise(0, 2, Advice::kPageOut), FailsWith(Errno::kEINVAL));
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  EXPECT_THAT(Advise(0, 2, Advice::kDontNeedLocked), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(0));
}

TEST_F(MadviseTest, FreeForgetsThatPagesWereWrittenButKeepsThem) {
  Map(0, 2);
  Fill(0, 2);
  EXPECT_THAT(Advise(0, 2, Advice::kFree), Succeeds());
  EXPECT_FALSE(machine_.EntryAt(mm_, At(0)).dirty());
  EXPECT_EQ(Load(0), 1);
  EXPECT_TRUE(Store(0, 5));
  EXPECT_TRUE(machine_.EntryAt(mm_, At(0)).dirty());
  Map(4, 1, kRW, kAnonShared);
  EXPECT_THAT(Advise(4, 1, Advice::kFree), FailsWith(Errno::kEINVAL));
}

TEST_F(MadviseTest, FlagsSplitAndMergeBack) {
  Map(0, 4);
  EXPECT_THAT(Advise(1, 2, Advice::kDontFork), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "1-3 rw-p", "3-4 rw-p"));
  EXPECT_EQ(Flags(1), "rd wr mr mw me dc ac sd");
  EXPECT_THAT(Advise(0, 4, Advice::kDoFork), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p"));
}

TEST_F(MadviseTest, EachFlagHasItsOpposite) {
  Map(0, 1);
  const std::string plain = Flags(0);
  const struct {
    Advice on, off;
    const char* shows;
  } pairs[] = {
      {Advice::kRandom, Advice::kNormal, "rr"},
      {Advice::kSequential, Advice::kNormal, "sr"},
      {Advice::kDontFork, Advice::kDoFork, "dc"},
      {Advice::kDontDump, Advice::kDoDump, "dd"},
      {Advice::kWipeOnFork, Advice::kKeepOnFork, "wf"},
      {Advice::kHugePage, Advice::kNoHugePage, "hg"},
  };
  for (const auto& p : pairs) {
    EXPECT_THAT(Advise(0, 1, p.on), Succeeds());
    EXPECT_THAT(Flags(0), testing::HasSubstr(p.shows));
    EXPECT_THAT(Advise(0, 1, p.off), Succeeds());
    EXPECT_THAT(Flags(0), testing::Not(testing::HasSubstr(p.shows)));
  }
  EXPECT_EQ(Flags(0), plain + " nh");
}

TEST_F(MadviseTest, NoRoomForASplitIsTryAgain) {
  Map(0, 4);
  machine_.system().sysctl().max_map_count = 1;
  EXPECT_THAT(Advise(1, 1, Advice::kDontFork), FailsWith(Errno::kEAGAIN));
}

TEST_F(MadviseTest, WipeOnForkIsForPrivateAnonymousMemory) {
  Map(0, 1, kRW, kAnonShared);
  EXPECT_THAT(Advise(0, 1, Advice::kWipeOnFork), FailsWith(Errno::kEINVAL));
  auto file = machine_.NewFile(Mapping::Kind::kRegular, "x");
  MapFile(2, 1, kRW, kMapPrivate, file);
  EXPECT_THAT(Advise(2, 1, Advice::kWipeOnFork), FailsWith(Errno::kEINVAL));
}

TEST_F(MadviseTest, RemovePunchesAHoleInTheFile) {
  Map(0, 4, kRW, kAnonShared);
  Fill(0, 4);
  EXPECT_THAT(Advise(1, 2, Advice::kRemove), Succeeds());
  EXPECT_EQ(mm_.rss.shmem, PageCount(2));
  EXPECT_EQ(VmaAt(0).file->mapping().cached(), PageCount(2));
  EXPECT_EQ(Load(1), 0);
  EXPECT_EQ(Load(3), 4);
}

TEST_F(MadviseTest, RemoveFailsAsTheFileDoes) {
  class Sealed : public TestFile {
   public:
    using TestFile::TestFile;
    ErrnoOr<Done> PunchHole(uint64_t, uint64_t) override {
      return Errno::kEPERM;
    }
  };
  auto file = std::make_shared<Sealed>(machine_.phys(), Mapping::Kind::kShmem);
  file->mapping().Resize(kPage);
  MapFile(0, 1, kRW, kMapShared, file);
  EXPECT_TRUE(Store(0, 'y'));
  EXPECT_THAT(Advise(0, 1, Advice::kRemove), FailsWith(Errno::kEPERM));
  EXPECT_EQ(Load(0), 'y');
}

TEST_F(MadviseTest, RemoveNeedsASharedWritableFile) {
  Map(0, 1);
  EXPECT_THAT(Advise(0, 1, Advice::kRemove), FailsWith(Errno::kEINVAL));
  auto file = machine_.NewFile(Mapping::Kind::kShmem, "x");
  MapFile(2, 1, kRW, kMapPrivate, file);
  EXPECT_THAT(Advise(2, 1, Advice::kRemove), FailsWith(Errno::kEACCES));
  Map(4, 1, kRW, kAnonShared | kMapLocked);
  EXPECT_THAT(Advise(4, 1, Advice::kRemove), FailsWith(Errno::kEINVAL));
}

TEST_F(MadviseTest, PopulateReadMapsTheZeroPageAndWriteMakesPages) {
  Map(0, 2);
  EXPECT_THAT(Advise(0, 2, Advice::kPopulateRead), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(0));
  EXPECT_TRUE(Present(1));
  EXPECT_THAT(Advise(0, 2, Advice::kPopulateWrite), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
}

TEST_F(MadviseTest, PopulateStopsAtWhatItMayNotTouch) {
  Map(0, 1);
  Map(1, 1, 1);
  Map(3, 1, 0);
  EXPECT_THAT(Advise(0, 2, Advice::kPopulateWrite), FailsWith(Errno::kEINVAL));
  EXPECT_TRUE(Present(0));
  EXPECT_THAT(Advise(0, 3, Advice::kPopulateRead), FailsWith(Errno::kENOMEM));
  EXPECT_TRUE(Present(1));
  EXPECT_THAT(Advise(3, 1, Advice::kPopulateRead), FailsWith(Errno::kEINVAL));
}

TEST_F(MadviseTest, PopulateBeyondTheFilesEndIsAFault) {
  auto file = machine_.NewFile(Mapping::Kind::kRegular, "x");
  MapFile(0, 2, 1, kMapShared, file);
  EXPECT_THAT(Advise(0, 1, Advice::kPopulateRead), Succeeds());
  EXPECT_THAT(Advise(0, 2, Advice::kPopulateRead), FailsWith(Errno::kEFAULT));
}

TEST_F(MadviseTest, SealKeepsWhatMayNotBeWrittenFromBeingDiscarded) {
  Map(0, 2);
  Map(4, 2, 1);
  for (const uint64_t page : {0, 4}) {
    mm_.vmas().SetFlags(VmaAt(page), VmaAt(page).flags | VmaFlag::kSealed);
  }
  EXPECT_THAT(Advise(0, 2, Advice::kDontNeed), Succeeds());
  EXPECT_THAT(Advise(4, 2, Advice::kDontNeed), FailsWith(Errno::kEPERM));
  EXPECT_THAT(Advise(4, 2, Advice::kRandom), Succeeds());
}

}  // namespace
}  // namespace faultline::mm
