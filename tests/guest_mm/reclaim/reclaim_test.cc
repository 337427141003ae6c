// Covers: guest_mm/reclaim/scan.cc

#include "guest_mm/reclaim/reclaim.h"

#include <gtest/gtest.h>

#include <string>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "guest_mm/calls/advice.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/reclaim/scan.h"
#include "tests/guest_mm/testing/fake_backing.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kBase = 0x10000000;
constexpr uint64_t kFrames = 512;

GuestAddr At(uint64_t page) { return GuestAddr(kBase + page * kPage); }

// A machine of 2 MiB.
class ReclaimTest : public testing::Test {
 protected:
  explicit ReclaimTest(uint64_t swap_pages = 1024)
      : machine_(x86::Ops(), kFrames * kPage, swap_pages * kPage),
        mm_(machine_.NewSpace()) {}

  MemoryManager& system() { return machine_.system(); }
  ReclaimCounters& counters() { return system().reclaim_counters(); }
  PageCount free() { return machine_.phys().free(); }
  Vma& Map(uint64_t page, uint64_t pages) {
    return machine_.Map(mm_, At(page).value(), pages * kPage, Prot::RW());
  }
  void Fill(uint64_t page, uint64_t pages) {
    for (uint64_t i = page; i < page + pages; ++i) {
      ASSERT_TRUE(machine_.Store(mm_, At(i), uint8_t(i * 7 + 1)));
    }
  }
  void ExpectFilled(uint64_t page, uint64_t pages) {
    for (uint64_t i = page; i < page + pages; ++i) {
      ASSERT_EQ(machine_.Load(mm_, At(i)), int((i * 7 + 1) & 255)) << i;
    }
  }

  TestMachine machine_;
  AddressSpace& mm_;
};

TEST_F(ReclaimTest, MoreThanMemoryFitsIntoMemoryAndSwap) {
  Map(0, 1000);
  Fill(0, 1000);
  EXPECT_GT(mm_.rss.swap.value(), 400u);
  EXPECT_EQ((mm_.rss.swap + mm_.rss.anon).value(), 1000u);
  ExpectFilled(0, 1000);
  EXPECT_GT(counters().allocstall, 0u);
  EXPECT_EQ(counters().pgscan_kswapd, 0u);  // there is no scheduler
  EXPECT_GE(counters().pgscan_direct, counters().pgsteal_direct);
  EXPECT_EQ(counters().pgsteal_anon, counters().pgsteal_direct);
}

TEST_F(ReclaimTest, AllocationKeepsToTheMinimum) {
  Map(0, 1000);
  Fill(0, 1000);
  EXPECT_GE(free(), system().reclaim().marks().min);
}

TEST_F(ReclaimTest, UsedPagesOutliveUnusedOnes) {
  Map(0, 100);
  Map(200, 800);
  Fill(0, 100);
  for (uint64_t i = 200; i < 1000; ++i) {
    Fill(i, 1);
    // The first hundred are used all the time.
    ASSERT_EQ(machine_.Load(mm_, At(i % 100)), int((i % 100 * 7 + 1) & 255));
  }
  uint64_t in = 0;
  for (uint64_t i = 0; i < 100; ++i) {
    in += machine_.EntryAt(mm_, At(i)).present() ? 1 : 0;
  }
  EXPECT_GT(in, 90u);
}

TEST_F(ReclaimTest, FullSwapIsTheEndOfMemory) {
  Map(0, 3000);
  uint64_t stored = 0;
  while (stored < 3000 && machine_.Store(mm_, At(stored), uint8_t(stored))) {
    ++stored;
  }
  EXPECT_LT(stored, kFrames + 1024);
  EXPECT_GT(stored, 1024u);
  EXPECT_EQ(system().swap().free(), PageCount(0));
  // Nothing is lost, and giving some up makes room again.
  ASSERT_TRUE(Munmap(mm_, At(0), 300 * kPage).ok());
  for (uint64_t i = 300; i < stored; i += 31) {
    ASSERT_EQ(machine_.Load(mm_, At(i)), int(i & 255));
  }
  EXPECT_TRUE(machine_.Store(mm_, At(2999), 1));
}

class NoSwapReclaimTest : public ReclaimTest {
 protected:
  NoSwapReclaimTest() : ReclaimTest(0) {}
};

TEST_F(NoSwapReclaimTest, CleanFilePagesMakeRoomDirtyOnesAreWrittenFirst) {
  FakeBacking::Bytes bytes(300 * kPage, 'f');
  auto file = MakeBackedFile(machine_.phys(), &bytes);
  const std::string page(kPage, 'd');
  for (uint64_t i = 0; i < 300; ++i) {
    ASSERT_TRUE(file->mapping().FindOrCreate(i).ok());
    machine_.phys().Put(*file->mapping().Find(i));
  }
  ASSERT_TRUE(
      file->mapping()
          .Write(5 * kPage,
                 {reinterpret_cast<const std::byte*>(page.data()), page.size()})
          .ok());
  Map(0, 400);
  Fill(0, 400);
  ExpectFilled(0, 400);
  EXPECT_LT(file->mapping().cached().value(), 100u);
  EXPECT_EQ(counters().pgsteal_file, counters().pgsteal_direct);
  EXPECT_EQ(bytes[5 * kPage], 'd');
}

TEST_F(NoSwapReclaimTest, GivenUpPagesGoFirst) {
  Map(0, 300);
  Fill(0, 300);
  ASSERT_TRUE(Madvise(mm_, At(0), 200 * kPage, int(Advice::kFree)).ok());
  Map(400, 250);
  Fill(400, 250);
  EXPECT_GT(counters().pglazyfreed, 50u);
  ExpectFilled(200, 100);
  ExpectFilled(400, 250);
}

TEST_F(NoSwapReclaimTest, WithNothingToReclaimTheReserveIsUsedUp) {
  Map(0, 600);
  uint64_t stored = 0;
  while (machine_.Store(mm_, At(stored), 1)) {
    ++stored;
  }
  EXPECT_EQ(free(), PageCount(0));
}

TEST_F(ReclaimTest, KswapdWorksUpToTheHighMarkAndEndsWithTheRun) {
  Map(0, 1000);
  Scheduler scheduler(MakeRoundRobin());
  scheduler.Spawn("task", [&] {
    for (uint64_t i = 0; i < 1000; ++i) {
      if (i % 4 == 0) {
        scheduler.Yield(kReclaimBatchPoint);
      }
      machine_.Store(mm_, At(i), uint8_t(i * 7 + 1));
    }
  });
  EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  EXPECT_GT(counters().pgsteal_kswapd, 400u);
  EXPECT_GT(counters().pageoutrun, 1u);
  EXPECT_EQ(counters().allocstall, 0u);  // it kept ahead
  ExpectFilled(0, 1000);
}

// Everything at once, in the order that chance gives it.
class ReclaimRaceTest : public testing::TestWithParam<const ArchOps*> {};
INSTANTIATE_TEST_SUITE_P(Archs, ReclaimRaceTest,
                         testing::Values(&x86::Ops(), &arm64::Ops()),
                         [](const auto& p) {
                           return std::string(p.param->name());
                         });

TEST_P(ReclaimRaceTest, NothingIsLostWhileAllComeAndGo) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    TestMachine m(*GetParam(), 1 << 20, 4 << 20);
    AddressSpace& parent = m.NewSpace();
    m.Map(parent, kBase, 300 * kPage, Prot::RW());
    const auto file = m.NewFile(Mapping::Kind::kShmem, "shmem");
    file->mapping().Resize(100 * kPage);
    m.Map(parent, At(400).value(), 100 * kPage, Prot::RW(), VmaFlag::kShared,
          file);
    for (uint64_t i = 0; i < 40; ++i) {
      m.Store(parent, At(i), uint8_t(i + 1));
    }
    AddressSpace& child = *m.Fork(parent);
    Scheduler scheduler(MakeRandom(seed));
    scheduler.Spawn("writer", [&] {
      for (uint64_t i = 0; i < 300; ++i) {
        m.Store(parent, At(i), uint8_t(i + 3));
      }
    });
    scheduler.Spawn("child", [&] {
      for (uint64_t i = 0; i < 40; ++i) {
        FL_CHECK(m.Load(child, At(i)) == int(i + 1));
        FL_CHECK(m.Store(child, At(i), uint8_t(i + 9)));
      }
    });
    scheduler.Spawn("shmem", [&] {
      for (uint64_t i = 0; i < 100; ++i) {
        m.Store(child, At(400 + i), uint8_t(i + 5));
      }
    });
    scheduler.Spawn("pageout", [&] {
      for (int round = 0; round < 3; ++round) {
        (void)Madvise(parent, At(0), 300 * kPage, int(Advice::kPageOut));
        (void)Madvise(child, At(400), 100 * kPage, int(Advice::kPageOut));
      }
    });
    scheduler.Spawn("truncate", [&] {
      file->mapping().PunchHole(90 * kPage, 10 * kPage);
      (void)Madvise(child, At(30), 5 * kPage, int(Advice::kFree));
    });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    m.Validate();
    for (uint64_t i = 0; i < 300; ++i) {
      ASSERT_EQ(m.Load(parent, At(i)), int((i + 3) & 255)) << i;
    }
    for (uint64_t i = 0; i < 30; ++i) {
      ASSERT_EQ(m.Load(child, At(i)), int(i + 9)) << i;
    }
    for (uint64_t i = 0; i < 90; ++i) {
      ASSERT_EQ(m.Load(parent, At(400 + i)), int(i + 5)) << i;
    }
  }
}

}  // namespace
}  // namespace faultline::mm
