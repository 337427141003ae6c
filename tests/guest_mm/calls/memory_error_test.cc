#include "guest_mm/calls/memory_error.h"

#include <string>
#include <utility>
#include <vector>

#include "guest_mm/sync/scheduler.h"
#include "tests/guest_mm/testing/swap_fixture.h"
#include "tests/guest_mm/testing/switch_at.h"

namespace faultline::mm {
namespace {

class MemoryErrorTest : public SwapTest {
 protected:
  MemoryErrorTest() {
    Map(0, 4);
    Fill(0, 4);
  }

  struct Report {
    AddressSpace* mm;
    GuestAddr address;
    int lsb;
  };
  Errno Poison(uint64_t page, uint64_t pages = 1) {
    const Errno error =
        InjectMemoryErrors(mm_, GuestRange::At(At(page), pages * kPage),
                           [&](AddressSpace& mm, GuestAddr address, int lsb) {
                             reports_.push_back({&mm, address, lsb});
                           })
            .error();
    machine_.ValidateStep();
    return error;
  }
  Errno Offline(uint64_t page) {
    const Errno error =
        SoftOfflinePages(mm_, GuestRange::At(At(page), kPage)).error();
    machine_.ValidateStep();
    return error;
  }

  std::vector<Report> reports_;
};

TEST_F(MemoryErrorTest, EachSpaceThatMapsThePageIsReportedOnce) {
  AddressSpace& child = Fork();
  ASSERT_EQ(Poison(1), Errno::kOk);
  ASSERT_EQ(reports_.size(), 2u);
  for (const Report& r : reports_) {
    EXPECT_EQ(r.address, At(1));
    EXPECT_EQ(r.lsb, 12);
  }
  EXPECT_NE(reports_[0].mm, reports_[1].mm);
  EXPECT_EQ(EntryOf(1).kind, EntryKind::kHwPoison);
  EXPECT_EQ(machine_.EntryAt(child, At(1)).kind, EntryKind::kHwPoison);
  EXPECT_EQ(Load(1), -1);
  EXPECT_EQ(Load(2), 3);
}

TEST_F(MemoryErrorTest, LostFrameIsNeverUsedAgain) {
  const Pfn page = EntryOf(0).pfn();
  ASSERT_EQ(Poison(0), Errno::kOk);
  ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  EXPECT_EQ(machine_.phys().frame(page).use, FrameUse::kKernel);
  EXPECT_TRUE(machine_.phys().frame(page).hw_poisoned);
}

TEST_F(MemoryErrorTest, SoftOfflineReportsNothingAndKeepsTheBytes) {
  const Pfn page = EntryOf(0).pfn();
  ASSERT_EQ(Offline(0), Errno::kOk);
  EXPECT_NE(EntryOf(0).pfn(), page);
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(machine_.phys().frame(page).use, FrameUse::kKernel);
}

TEST_F(MemoryErrorTest, SoftOfflineOfAHeldPageIsBusy) {
  const Pfn page = EntryOf(0).pfn();
  machine_.Hold(page);
  EXPECT_EQ(Offline(0), Errno::kEBUSY);
  EXPECT_EQ(EntryOf(0).pfn(), page);
  machine_.LetGo(page);
}

TEST_F(MemoryErrorTest, SoftOfflineCanBeSwitchedOff) {
  machine_.system().sysctl().enable_soft_offline = false;
  EXPECT_EQ(Offline(0), Errno::kEOPNOTSUPP);
}

TEST_F(MemoryErrorTest, PageOfZerosIsNobodysToLose) {
  Map(8, 1);
  ASSERT_EQ(Load(8), 0);
  EXPECT_EQ(Poison(8), Errno::kEBUSY);
  EXPECT_EQ(Offline(8), Errno::kEIO);
}

// A process may end while its page is taken from it: who takes it is then the
// last to know of the space, and must not let go of it under the page's lock.
TEST_F(MemoryErrorTest, ASpaceThatEndsMeanwhileIsGivenUpWithoutLocks) {
  const auto file = machine_.NewFile(Mapping::Kind::kRegular, "text");
  MapFile(10, 1, 1, kMapPrivate, file);
  AddressSpace& other = Fork();
  EXPECT_EQ(machine_.Load(mm_, At(10)), 't');
  EXPECT_EQ(machine_.Load(other, At(10)), 't');
  FrameOf(10).dirty = false;
  std::vector<std::string> reports;
  Scheduler scheduler(SwitchAt::Make(kIMmapLock.unlocked));
  scheduler.set_report_handler(
      [&](const LockReport& r) { reports.push_back(r.text); });
  scheduler.Spawn("failure", [&] {
    EXPECT_THAT(InjectMemoryErrors(mm_, GuestRange::At(At(10), kPage),
                                   [](AddressSpace&, GuestAddr, int) {}),
                Succeeds());
  });
  scheduler.Spawn("exit", [&] { machine_.Drop(other); });
  EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(reports, testing::IsEmpty());
}

}  // namespace
}  // namespace faultline::mm
