// Covers: guest_mm/pgtable/change_protection.cc
// Covers: guest_mm/pgtable/copy_page_range.cc
// Covers: guest_mm/pgtable/move_page_tables.cc guest_mm/pgtable/tlb_gather.cc
// Covers: guest_mm/pgtable/zap.cc

#include "guest_mm/pgtable/range_ops.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 0x1000;
constexpr uint64_t kBase = 0x10000000;

GuestAddr At(uint64_t page) { return GuestAddr(kBase + page * kPage); }

class RangeOpsTest : public testing::TestWithParam<const ArchOps*> {
 protected:
  RangeOpsTest() : m_(*GetParam()), mm_(m_.NewSpace()) {}

  void Zap(Vma& vma, GuestRange range) {
    ReadGuard guard(mm_.mmap_lock());
    ZapRange(mm_, vma, range);
  }

  TestMachine m_;
  AddressSpace& mm_;
};
INSTANTIATE_TEST_SUITE_P(Archs, RangeOpsTest,
                         testing::Values(&x86::Ops(), &arm64::Ops()),
                         [](const auto& p) {
                           return std::string(p.param->name());
                         });

TEST_P(RangeOpsTest, ZapFlushesOnceAndGivesEveryPageBack) {
  Vma& vma = m_.Map(mm_, kBase, 1024 * kPage, Prot::RW());
  for (uint64_t i = 0; i < 1024; i += 3) {
    m_.Store(mm_, At(i), uint8_t(i));
  }
  m_.tlb().flushes.clear();
  const PageCount anon = mm_.rss.anon;
  const PageCount free = m_.phys().free();
  Zap(vma, vma.range);
  EXPECT_EQ(m_.tlb().flushes.size(), 1u);
  EXPECT_EQ(m_.phys().free(), free + anon);
  EXPECT_EQ(mm_.rss.anon, PageCount(0));
  EXPECT_EQ(m_.Load(mm_, At(3)), 0);
}

TEST_P(RangeOpsTest, ZapOfNothingFlushesNothing) {
  Vma& vma = m_.Map(mm_, kBase, 64 * kPage, Prot::RW());
  Zap(vma, vma.range);
  EXPECT_TRUE(m_.tlb().flushes.empty());
}

TEST_P(RangeOpsTest, ZappedDirtyFilePageIsMarkedDirtyInTheCache) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, std::string(4096, 'a'));
  Vma& vma = m_.Map(mm_, kBase, kPage, Prot::RW(), VmaFlag::kShared, file);
  m_.Load(mm_, At(0));
  m_.Store(mm_, At(0), 'b');
  Frame& frame = m_.phys().frame(*file->mapping().Find(0));
  frame.dirty = false;
  Zap(vma, vma.range);
  EXPECT_TRUE(frame.dirty);
  EXPECT_EQ(frame.mapcount, 0);
  EXPECT_EQ(m_.Load(mm_, At(0)), 'b');
}

TEST_P(RangeOpsTest, ZapFileRangeSparesPrivateCopiesUnlessTold) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, std::string(8192, 'a'));
  Vma& vma = m_.Map(mm_, kBase, 2 * kPage, Prot::RW(), {}, file);
  m_.Load(mm_, At(0));
  m_.Store(mm_, At(1), 'b');
  {
    LockGuard guard(file->mapping().i_mmap_lock());
    ZapFileRange(vma, vma.range, EvenCows::kNo);
  }
  EXPECT_TRUE(m_.EntryAt(mm_, At(0)).none());
  EXPECT_EQ(m_.Load(mm_, At(1)), 'b');
  {
    LockGuard guard(file->mapping().i_mmap_lock());
    ZapFileRange(vma, vma.range, EvenCows::kYes);
  }
  EXPECT_EQ(m_.Load(mm_, At(1)), 'a');
}

TEST_P(RangeOpsTest, ForkFlushesTheParentOnceAndLeavesFilePagesToFaults) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, std::string(4096, 'a'));
  m_.Map(mm_, kBase, 8 * kPage, Prot::RW());
  m_.Map(mm_, kBase + 100 * kPage, kPage, Prot::RW(), VmaFlag::kShared, file);
  for (uint64_t i = 0; i < 8; ++i) {
    m_.Store(mm_, At(i), uint8_t(i));
  }
  m_.Load(mm_, At(100));
  m_.tlb().flushes.clear();
  AddressSpace& child = *m_.Fork(mm_);
  EXPECT_THAT(m_.tlb().flushes,
              testing::ElementsAre(
                  FakeTlb::Flush{mm_.id(), GuestRange::At(At(0), 8 * kPage)}));
  EXPECT_EQ(child.rss.anon, PageCount(8));
  EXPECT_EQ(child.rss.shmem, PageCount(0));
  m_.Store(mm_, At(100), 'c');
  EXPECT_EQ(m_.Load(child, At(100)), 'c');
}

TEST_P(RangeOpsTest, ChangeProtectionCountsWhatChanged) {
  Vma& vma = m_.Map(mm_, kBase, 8 * kPage, Prot::RW());
  m_.Store(mm_, At(0), 1);
  m_.Load(mm_, At(1));  // the zero page: read-only already
  WriteGuard guard(mm_.mmap_lock());
  EXPECT_EQ(ChangeProtection(mm_, vma, vma.range, Prot::R()), 1u);
  EXPECT_EQ(ChangeProtection(mm_, vma, vma.range, Prot::R()), 0u);
  EXPECT_EQ(ChangeProtection(mm_, vma, vma.range, Prot::None()), 2u);
  mm_.vmas().SetFlagsInPlace(vma, vma.flags.WithProt(Prot::None()));
}

TEST_P(RangeOpsTest, MoveTakesThePagesAlongAndLeavesNothing) {
  Vma& from = m_.Map(mm_, kBase, 700 * kPage, Prot::RW());
  for (uint64_t i = 0; i < 700; i += 7) {
    m_.Store(mm_, At(i), uint8_t(i + 1));
  }
  // Differently placed under its tables than the old range.
  const uint64_t to_page = 5000 + 123;
  Vma& to = m_.Map(mm_, kBase + to_page * kPage, 700 * kPage, Prot::RW());
  {
    WriteGuard guard(mm_.mmap_lock());
    to.pgoff = from.pgoff;
    mm_.vmas().SetAnonVma(to, from.anon_vma);
    EXPECT_EQ(MovePageTables(mm_, from, from.range, to.range.start),
              700 * kPage);
  }
  EXPECT_TRUE(m_.tlb().IsTrueOf(mm_));
  for (uint64_t i = 0; i < 700; i += 7) {
    ASSERT_EQ(m_.Load(mm_, At(to_page + i)), uint8_t(i + 1));
  }
  EXPECT_EQ(m_.Load(mm_, At(7)), 0);
}

TEST_P(RangeOpsTest, MoveIsShortWhenATableCannotBeMade) {
  Vma& from = m_.Map(mm_, kBase, 1024 * kPage, Prot::RW());
  m_.Store(mm_, At(0), 1);
  m_.Store(mm_, At(1023), 2);
  Vma& to = m_.Map(mm_, 0x700000000000, 1024 * kPage, Prot::RW());
  to.pgoff = from.pgoff;
  mm_.vmas().SetAnonVma(to, from.anon_vma);
  int tables = 0;
  m_.FailAllocations([&](AllocPurpose purpose) {
    return purpose == AllocPurpose::kTablePte && ++tables == 2;
  });
  {
    WriteGuard guard(mm_.mmap_lock());
    const uint64_t moved =
        MovePageTables(mm_, from, from.range, to.range.start);
    EXPECT_EQ(moved, 512 * kPage);
  }
  m_.FailAllocations(nullptr);
  EXPECT_EQ(m_.Load(mm_, to.range.start), 1);
  EXPECT_EQ(m_.Load(mm_, At(1023)), 2);
}

// Random life of three related processes against a dumb model of what each
// byte must be, on a TLB that never forgets by itself: a missing flush shows
// as a wrong byte or a translation that the tables deny.
TEST_P(RangeOpsTest, RandomOperationsMatchAModelOfBytes) {
  constexpr uint64_t kPages = 24;
  struct Model {
    AddressSpace* mm;
    std::array<int, kPages> byte{};
    std::array<bool, kPages> writable{};
  };
  std::mt19937_64 random(5);
  std::vector<Model> spaces;
  const auto fresh = [&]() {
    Model s{&m_.NewSpace(), {}, {}};
    m_.Map(*s.mm, kBase, kPages * kPage, Prot::RW());
    s.writable.fill(true);
    return s;
  };
  spaces.push_back(fresh());
  for (int step = 0; step < 8000; ++step) {
    Model& s = spaces[random() % spaces.size()];
    const uint64_t p = random() % kPages;
    switch (random() % 12) {
      case 0: {  // MADV_DONTNEED
        const uint64_t n = 1 + random() % (kPages - p);
        Vma& vma = *s.mm->vmas().Find(At(p));
        ReadGuard guard(s.mm->mmap_lock());
        const GuestRange range =
            GuestRange{At(p), At(p + n)}.Intersect(vma.range);
        ZapRange(*s.mm, vma, range);
        for (uint64_t i = p; At(i) < range.end; ++i) {
          s.byte[i] = 0;
        }
        break;
      }
      case 1: {  // mprotect of one page
        const bool writable = random() % 2 == 0;
        const Prot prot = writable ? Prot::RW() : Prot::R();
        WriteGuard guard(s.mm->mmap_lock());
        Vma* vma = s.mm->vmas().Find(At(p));
        vma = s.mm->vmas()
                  .ModifyFlags(*vma, {At(p), At(p + 1)},
                               vma->flags.WithProt(prot))
                  .value();
        ChangeProtection(*s.mm, *vma, {At(p), At(p + 1)}, prot);
        s.writable[p] = writable;
        break;
      }
      case 2: {  // fork
        if (spaces.size() < 3) {
          Model child = s;
          child.mm = m_.Fork(*s.mm);
          ASSERT_NE(child.mm, nullptr);
          spaces.push_back(child);
        }
        break;
      }
      case 3: {  // exit
        if (spaces.size() > 1) {
          m_.Drop(*s.mm);
          spaces.erase(spaces.begin() + (&s - spaces.data()));
        }
        break;
      }
      case 4:
      case 5:
      case 6:
      case 7: {
        const auto value = uint8_t(random());
        const bool stored = m_.Store(*s.mm, At(p), value);
        ASSERT_EQ(stored, s.writable[p]) << "step " << step;
        s.byte[p] = stored ? value : s.byte[p];
        break;
      }
      default:
        ASSERT_EQ(m_.Load(*s.mm, At(p)), s.byte[p]) << "step " << step;
    }
    if (step % 50 == 0) {
      m_.Validate();
    }
  }
}

}  // namespace
}  // namespace faultline::mm
