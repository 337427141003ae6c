#include "tests/guest_mm/testing/calls_fixture.h"
#include "tests/guest_mm/testing/fake_backing.h"

namespace faultline::mm {
namespace {

constexpr int kAsync = 1;
constexpr int kInvalidate = 2;
constexpr int kSync = 4;

class MsyncTest : public CallsTest {};

TEST_F(MsyncTest, ArgumentsAreJudged) {
  Map(0, 1);
  EXPECT_THAT(Msync(mm_, At(0), kPage, 8), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Msync(mm_, At(0) + 1, kPage, kSync), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Msync(mm_, At(0), kPage, kSync | kAsync),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Msync(mm_, At(0), ~kPage + 1, kSync), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Msync(mm_, At(0), 0, kSync), Succeeds());
  EXPECT_THAT(Msync(mm_, At(0), kPage, 0), Succeeds());
}

TEST_F(MsyncTest, HolesAreReportedAfterTheRestIsDone) {
  FakeBacking::Bytes bytes(2 * kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  Map(0, 1);
  MapFile(2, 1, kRW, kMapShared, file);
  EXPECT_TRUE(Store(2, 'y'));
  EXPECT_THAT(Msync(mm_, At(0), 3 * kPage, kSync), FailsWith(Errno::kENOMEM));
  EXPECT_EQ(bytes[0], 'y');
  EXPECT_THAT(Msync(mm_, At(0), 3 * kPage, kAsync), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Msync(mm_, At(5), kPage, kSync), FailsWith(Errno::kENOMEM));
}

TEST_F(MsyncTest, SyncWritesWhatWasStoredAndOnlyThat) {
  FakeBacking::Bytes bytes(3 * kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  MapFile(0, 3, kRW, kMapShared, file);
  EXPECT_TRUE(Store(1, 'y'));
  EXPECT_EQ(Load(2), 'x');
  EXPECT_THAT(Msync(mm_, At(0), 3 * kPage, kAsync), Succeeds());
  EXPECT_EQ(bytes[kPage], 'x');
  EXPECT_THAT(Msync(mm_, At(0), 3 * kPage, kSync), Succeeds());
  EXPECT_EQ(bytes[kPage], 'y');
  EXPECT_EQ(FakeBacking::Of(*file).writes(), 1);
  // Clean now; a store dirties it again although it never faulted.
  EXPECT_THAT(Msync(mm_, At(0), 3 * kPage, kSync), Succeeds());
  EXPECT_EQ(FakeBacking::Of(*file).writes(), 1);
  EXPECT_TRUE(Store(1, 'z'));
  EXPECT_THAT(Msync(mm_, At(0), 3 * kPage, kSync), Succeeds());
  EXPECT_EQ(bytes[kPage], 'z');
}

TEST_F(MsyncTest, PrivateMappingsWriteNothing) {
  FakeBacking::Bytes bytes(kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  MapFile(0, 1, kRW, kMapPrivate, file);
  EXPECT_TRUE(Store(0, 'y'));
  EXPECT_THAT(Msync(mm_, At(0), kPage, kSync), Succeeds());
  EXPECT_EQ(bytes[0], 'x');
}

TEST_F(MsyncTest, InvalidateOfLockedMemoryIsBusy) {
  Map(0, 1, kRW, kAnon | kMapLocked);
  EXPECT_THAT(Msync(mm_, At(0), kPage, kInvalidate), FailsWith(Errno::kEBUSY));
}

TEST_F(MsyncTest, TroubleOfTheBackingIsAnIoError) {
  FakeBacking::Bytes bytes(kPage, 'x');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  MapFile(0, 1, kRW, kMapShared, file);
  EXPECT_TRUE(Store(0, 'y'));
  FakeBacking::Of(*file).set_broken(true);
  EXPECT_THAT(Msync(mm_, At(0), kPage, kSync), FailsWith(Errno::kEIO));
  FakeBacking::Of(*file).set_broken(false);
  EXPECT_THAT(Msync(mm_, At(0), kPage, kSync), Succeeds());
  EXPECT_EQ(bytes[0], 'y') << "a page that could not be written stays dirty";
}

}  // namespace
}  // namespace faultline::mm
