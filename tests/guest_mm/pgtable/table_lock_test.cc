#include "guest_mm/pgtable/table_lock.h"

#include "guest_mm/sync/scheduler.h"
#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

class TableLockTest : public HugeTest {
 protected:
  PageTable& table() { return mm_.page_table(); }
  EntryRef Base() { return *table().FindOrAllocate(Huge(0, 5), 0); }
  EntryRef Upper() { return table().Find(Huge(0), PagingGeometry::kHugeLevel); }
};
INSTANTIATE_HUGE_TEST(TableLockTest);

TEST_P(TableLockTest, HoldsTheLockOfATableInTheTree) {
  const EntryRef r = Base();
  {
    const TableLock lock(table(), r);
    EXPECT_TRUE(bool(lock));
    EXPECT_TRUE(table().LockOf(r).locked());
  }
  EXPECT_FALSE(table().LockOf(r).locked());
  EXPECT_EQ(m_.phys().frame(r.table).refcount, 1);
}

TEST_P(TableLockTest, SaysThatATableWasTakenAwayWhileItWaited) {
  const EntryRef r = Base();
  bool got = true;
  static constexpr PointSite kHere{"test.here"};
  Scheduler scheduler(MakeRoundRobin());
  scheduler.Spawn("taker", [&] {
    table().LockOf(r).Acquire();
    scheduler.Spawn("walker", [&] {
      const TableLock lock(table(), r);
      got = bool(lock);
    });
    scheduler.Yield(kHere);  // it waits for the lock now
    const Pfn detached = table().Detach(Upper());
    table().LockOf(r).Release();
    m_.phys().Put(detached);
  });
  ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  EXPECT_FALSE(got);
  EXPECT_EQ(m_.phys().frame(r.table).use, FrameUse::kFree);
}

TEST_P(TableLockTest, AnotherTableInItsPlaceIsNotTheSame) {
  const EntryRef r = Base();
  const TablePin pin(table(), r.table);
  m_.phys().Put(table().Detach(Upper()));
  const EntryRef now = Base();
  EXPECT_FALSE(table().InTree(r));
  EXPECT_TRUE(table().InTree(now));
}

}  // namespace
}  // namespace faultline::mm
