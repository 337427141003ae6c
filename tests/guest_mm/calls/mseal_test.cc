// Covers: guest_mm/calls/mseal.cc

#include "guest_mm/calls/advice.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

class MsealTest : public CallsTest {
 protected:
  ErrnoOr<Done> Seal(uint64_t page, uint64_t pages) {
    return Mseal(mm_, At(page), pages * kPage, 0);
  }
};

TEST_F(MsealTest, ArgumentsAreJudged) {
  Map(0, 1);
  EXPECT_THAT(Mseal(mm_, At(0), kPage, 1), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Mseal(mm_, At(0) + 1, kPage, 0), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Mseal(mm_, At(0), ~uint64_t{0}, 0), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Mseal(mm_, At(9), 0, 0), Succeeds());
}

TEST_F(MsealTest, AHoleSealsNothing) {
  Map(0, 1);
  Map(2, 1);
  EXPECT_THAT(Seal(0, 3), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
}

TEST_F(MsealTest, SealedPartsAreMappingsOfTheirOwn) {
  Map(0, 4);
  EXPECT_THAT(Seal(1, 2), Succeeds());
  EXPECT_THAT(Seal(1, 1), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "1-3 rw-p", "3-4 rw-p"));
  EXPECT_THAT(Munmap(mm_, At(2), kPage), FailsWith(Errno::kEPERM));
  EXPECT_THAT(Mprotect(mm_, At(1), kPage, 1), FailsWith(Errno::kEPERM));
  EXPECT_THAT(Mremap(mm_, At(1), kPage, kPage, 1, GuestAddr(0)),
              FailsWith(Errno::kEPERM));
  EXPECT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  EXPECT_THAT(Munmap(mm_, At(3), kPage), Succeeds());
}

TEST_F(MsealTest, OnlyWhatMayBeWrittenCanBeDiscarded) {
  Map(0, 1);
  Map(2, 1, 1);
  EXPECT_THAT(Seal(0, 1), Succeeds());
  EXPECT_THAT(Seal(2, 1), Succeeds());
  EXPECT_THAT(Madvise(mm_, At(0), kPage, int(Advice::kDontNeed)), Succeeds());
  EXPECT_THAT(Madvise(mm_, At(2), kPage, int(Advice::kDontNeed)),
              FailsWith(Errno::kEPERM));
  EXPECT_THAT(Madvise(mm_, At(2), kPage, int(Advice::kGuardInstall)),
              FailsWith(Errno::kEPERM));
}

}  // namespace
}  // namespace faultline::mm
