#include "guest_mm/rmap/migration.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class MigrationTest : public CallsTest {
 protected:
  MigrationTest() {
    Map(0, 2);
    Fill(0, 2);
  }

  // Marks the page at At(0) as being moved, calls `meanwhile`, and puts its
  // entries back.
  template <typename Fn>
  void WhileMoved(Fn meanwhile) {
    PhysMem& phys = machine_.phys();
    const Pfn page = machine_.EntryAt(mm_, At(0)).pfn();
    const std::shared_ptr<AnonVma> family = phys.frame(page).anon_vma->Hold();
    const FolioSpan span = SpanOf(phys.frame(page));
    machine_.Hold(page);
    phys.frame(page).lock.Acquire();
    ASSERT_TRUE(TryToUnmap(machine_.system(), page, {.ignore_mlock = true},
                           MigrationEntry));
    EXPECT_EQ(machine_.EntryAt(mm_, At(0)).kind, EntryKind::kMigration);
    machine_.ValidateStep();
    meanwhile();
    {
      ReadGuard guard(family->lock());
      RemoveMigrationEntries(*family, machine_.system(), span, page);
    }
    phys.frame(page).lock.Release();
    machine_.LetGo(page);
  }
};

TEST_F(MigrationTest, EntryComesBackAsItWasAndCountsAllTheTime) {
  const Entry before = machine_.EntryAt(mm_, At(0));
  WhileMoved([&] { EXPECT_EQ(mm_.rss.anon, PageCount(2)); });
  EXPECT_EQ(machine_.EntryAt(mm_, At(0)), before);
  EXPECT_TRUE(machine_.FrameAt(mm_, At(0)).anon_exclusive);
  EXPECT_EQ(Load(0), 1);
}

TEST_F(MigrationTest, SharedPageComesBackToBothAndIsStillCopiedOnStore) {
  AddressSpace& child = machine_.Adopt(*DupMm(mm_));
  WhileMoved([&] {
    EXPECT_EQ(machine_.EntryAt(child, At(0)).kind, EntryKind::kMigration);
  });
  ASSERT_TRUE(machine_.Store(child, At(0), 77));
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(machine_.Load(child, At(0)), 77);
}

TEST_F(MigrationTest, ForkMeanwhileSharesThePage) {
  AddressSpace* child = nullptr;
  WhileMoved([&] {
    child = &machine_.Adopt(*DupMm(mm_));
    EXPECT_EQ(child->rss.anon, PageCount(2));
  });
  EXPECT_EQ(machine_.FrameAt(mm_, At(0)).mapcount, 2);
  EXPECT_FALSE(machine_.FrameAt(mm_, At(0)).anon_exclusive);
  ASSERT_TRUE(Store(0, 50));
  EXPECT_EQ(machine_.Load(*child, At(0)), 1);
}

TEST_F(MigrationTest, UnmappedMeanwhileItIsGone) {
  WhileMoved([&] { ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds()); });
  EXPECT_EQ(mm_.rss.anon, PageCount(1));
}

TEST_F(MigrationTest, RightsTakenMeanwhileStayTaken) {
  WhileMoved([&] { ASSERT_THAT(Mprotect(mm_, At(0), kPage, 1), Succeeds()); });
  EXPECT_FALSE(Store(0, 2));
  EXPECT_EQ(Load(0), 1);
}

TEST_F(MigrationTest, MovedMeanwhileItIsFoundAtItsNewPlace) {
  WhileMoved([&] {
    ASSERT_THAT(Mremap(mm_, At(0), kPage, kPage, 3, At(30)), Succeeds());
  });
  EXPECT_EQ(Load(30), 1);
}

TEST_F(MigrationTest, FaultOnItWaitsAndGetsThePage) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    Scheduler scheduler(MakeRandom(seed));
    int seen = 0;
    scheduler.Spawn("mover", [&] {
      WhileMoved([&] {
        for (int i = 0; i < 20; ++i) {
          Scheduler::PointIfActive(kPageAllocPoint);
        }
      });
    });
    scheduler.Spawn("reader", [&] { seen = Load(0); });
    scheduler.Spawn("writer", [&] { machine_.Store(mm_, At(0) + 8, 3); });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    ASSERT_EQ(seen, 1);
    machine_.Validate();
  }
}

}  // namespace
}  // namespace faultline::mm
