// Covers: guest_mm/pgtable/entry.cc

#include "guest_mm/pgtable/page_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "tests/guest_mm/testing/failing_allocations.h"

namespace faultline::mm {
namespace {

struct Shape {
  const char* name;
  const ArchOps* ops;
};
void PrintTo(const Shape& s, std::ostream* os) { *os << s.name; }

// The one walk, over every geometry that either architecture has.
class PageTableShapeTest : public testing::TestWithParam<Shape> {
 protected:
  PageTableShapeTest()
      : phys_(PhysMem::Create(64 << 20, geometry().page_shift).value()) {}

  const ArchOps& ops() const { return *GetParam().ops; }
  const PagingGeometry& geometry() const { return ops().geometry(); }
  GuestRange user() const { return {GuestAddr(0), ops().layout().user_end}; }
  GuestAddr RandomPage(std::mt19937_64& random) const {
    return GuestAddr(random() % user().end.value())
        .PageDown(geometry().page_shift);
  }
  Entry AnyPage(uint64_t pfn) const {
    return Entry::Page(Pfn(pfn), ops().PageFlags(Prot::RW()));
  }

  std::unique_ptr<PhysMem> phys_;
};

TEST_P(PageTableShapeTest, WhatIsSetIsFoundAndNothingElse) {
  std::mt19937_64 random(1);
  const PageCount before = phys_->free();
  {
    PageTable table = PageTable::Create(*phys_, ops()).value();
    std::map<GuestAddr, uint64_t> expected;
    for (uint64_t i = 0; i < 40; ++i) {
      const GuestAddr a = RandomPage(random);
      const EntryRef r = table.FindOrAllocate(a, 0).value();
      EXPECT_EQ(r.address, a);
      table.Set(r, AnyPage(i));
      expected[a] = i;
    }
    table.Validate();
    std::map<GuestAddr, uint64_t> seen;
    GuestAddr last;
    table.ForEach(user(), [&](const EntryRef& r, const Entry& e) {
      EXPECT_GE(r.address, last);
      last = r.address;
      seen[r.address] = e.payload;
      return true;
    });
    EXPECT_EQ(seen, expected);
    for (const auto& [a, pfn] : expected) {
      EXPECT_EQ(table.Get(table.Find(a, 0)).payload, pfn);
      EXPECT_EQ(table.Get(table.Walk(a)).payload, pfn);
      table.Set(table.Find(a, 0), Entry::None());
    }
    table.FreeEmptyTables(user(), user());
    EXPECT_EQ(table.tables(), PageCount(1));
    table.Validate();
  }
  EXPECT_EQ(phys_->free(), before);
}

TEST_P(PageTableShapeTest, FirstAndLastUserPageNeedAPathOfTablesEach) {
  PageTable table = PageTable::Create(*phys_, ops()).value();
  const GuestAddr last = user().end - geometry().page_shift.bytes();
  ASSERT_TRUE(table.FindOrAllocate(GuestAddr(0), 0).ok());
  const auto levels = uint64_t(geometry().levels.size());
  EXPECT_EQ(table.tables(), PageCount(levels));
  ASSERT_TRUE(table.FindOrAllocate(last, 0).ok());
  EXPECT_EQ(table.tables(), PageCount(2 * levels - 1));
  EXPECT_FALSE(table.Find(GuestAddr(user().end.value() / 2), 0));
}

TEST_P(PageTableShapeTest, AHugePageIsFoundFromAnywhereInIt) {
  PageTable table = PageTable::Create(*phys_, ops()).value();
  const uint64_t huge = geometry().EntryBytes(1);
  const GuestAddr start(5 * huge);
  const EntryRef r = table.FindOrAllocate(start, 1).value();
  table.Set(r, AnyPage(0x40));
  EXPECT_EQ(table.Walk(start + huge - 1).level, 1);
  EXPECT_EQ(table.FindOrAllocate(start, 0).error(), Errno::kEEXIST);
  PageTable::Translation t;
  ASSERT_TRUE(table.Translate(start + 3 * geometry().page_shift.bytes() + 7,
                              Access::kRead, Mode::kUser, &t, nullptr));
  EXPECT_EQ(t.pfn, Pfn(0x43));
  EXPECT_EQ(t.level, 1);
  table.Set(r, Entry::None());
}

INSTANTIATE_TEST_SUITE_P(
    Geometries, PageTableShapeTest,
    testing::Values(Shape{"x86_4level", &x86::OpsFor(x86::Paging::k4Level)},
                    Shape{"x86_5level", &x86::OpsFor(x86::Paging::k5Level)},
                    Shape{"arm64_4k48", &arm64::OpsFor(arm64::Paging::k4K48)},
                    Shape{"arm64_4k39", &arm64::OpsFor(arm64::Paging::k4K39)},
                    Shape{"arm64_4k52", &arm64::OpsFor(arm64::Paging::k4K52)},
                    Shape{"arm64_16k47", &arm64::OpsFor(arm64::Paging::k16K47)},
                    Shape{"arm64_16k48", &arm64::OpsFor(arm64::Paging::k16K48)},
                    Shape{"arm64_64k42", &arm64::OpsFor(arm64::Paging::k64K42)},
                    Shape{"arm64_64k48",
                          &arm64::OpsFor(arm64::Paging::k64K48)}),
    [](const auto& p) { return std::string(p.param.name); });

class PageTableTest : public testing::Test {
 protected:
  PageTableTest()
      : phys_(PhysMem::Create(4 << 20, kPageShift4K).value()),
        table_(PageTable::Create(*phys_, x86::Ops()).value()) {}
  ~PageTableTest() override {
    const GuestRange user{GuestAddr(0), x86::Ops().layout().user_end};
    table_.ForEach(user, [&](const EntryRef& r, const Entry&) {
      table_.Set(r, Entry::None());
      return true;
    });
  }

  EntryRef Map(uint64_t a, Prot prot) {
    const EntryRef r = table_.FindOrAllocate(GuestAddr(a), 0).value();
    table_.Set(r, Entry::Page(Pfn(9), x86::Ops().PageFlags(prot)));
    return r;
  }

  std::unique_ptr<PhysMem> phys_;
  PageTable table_;
  PageTable::Translation t_;
};

TEST_F(PageTableTest, ReadSetsAccessedAndAStoreSetsDirty) {
  const EntryRef r = Map(0x1000, Prot::RW());
  ASSERT_TRUE(table_.Translate(GuestAddr(0x1000), Access::kRead, Mode::kUser,
                               &t_, nullptr));
  EXPECT_TRUE(table_.Get(r).young());
  EXPECT_FALSE(table_.Get(r).dirty());
  EXPECT_FALSE(t_.write) << "a clean page must not be filled writable";
  ASSERT_TRUE(table_.Translate(GuestAddr(0x1000), Access::kWrite, Mode::kUser,
                               &t_, nullptr));
  EXPECT_TRUE(table_.Get(r).dirty());
  EXPECT_TRUE(t_.write);
  EXPECT_FALSE(t_.exec);
}

TEST_F(PageTableTest, RefusalTellsPresentFromAbsentAndTouchesNothing) {
  const EntryRef r = Map(0x1000, Prot::R());
  bool present = false;
  EXPECT_FALSE(table_.Translate(GuestAddr(0x1000), Access::kWrite, Mode::kUser,
                                &t_, &present));
  EXPECT_TRUE(present);
  EXPECT_FALSE(table_.Get(r).young());
  EXPECT_FALSE(table_.Translate(GuestAddr(0x2000), Access::kRead, Mode::kUser,
                                &t_, &present));
  EXPECT_FALSE(present);
}

TEST_F(PageTableTest, AddressesBeyondTheTableDoNotAlias) {
  Map(0x1000, Prot::R());
  EXPECT_FALSE(table_.Translate(GuestAddr(0xffff000000001000), Access::kRead,
                                Mode::kUser, &t_, nullptr));
  EXPECT_FALSE(table_.Translate(GuestAddr(0x1000000001000), Access::kRead,
                                Mode::kUser, &t_, nullptr));
}

TEST_F(PageTableTest, ProtNoneIsThereForNobody) {
  Map(0x1000, Prot::None());
  for (const Mode mode : {Mode::kUser, Mode::kKernel}) {
    EXPECT_FALSE(
        table_.Translate(GuestAddr(0x1000), Access::kRead, mode, &t_, nullptr));
  }
}

TEST_F(PageTableTest, FailedTableAllocationLeavesAWholeTable) {
  int allowed = 1;
  {
    const FailingAllocations failing(
        [&](AllocPurpose) { return allowed-- <= 0; });
    EXPECT_EQ(table_.FindOrAllocate(GuestAddr(0x5000), 0).error(),
              Errno::kENOMEM);
  }
  EXPECT_EQ(table_.tables(), PageCount(2));
  table_.Validate();
  EXPECT_TRUE(table_.FindOrAllocate(GuestAddr(0x5000), 0).ok());
}

TEST_F(PageTableTest, TablesAreFreedOnlyWithinTheLimits) {
  const EntryRef r = Map(0x200000, Prot::R());
  table_.Set(r, Entry::None());
  const GuestRange page{GuestAddr(0x200000), GuestAddr(0x201000)};
  table_.FreeEmptyTables(page, page);
  EXPECT_EQ(table_.tables(), PageCount(4)) << "a neighbour may need it";
  table_.FreeEmptyTables(page, {GuestAddr(0x200000), GuestAddr(0x400000)});
  EXPECT_EQ(table_.tables(), PageCount(3));
  table_.Validate();
}

TEST_F(PageTableTest, AMovedFromTableFreesNothing) {
  const PageCount free = phys_->free();
  {
    PageTable table = PageTable::Create(*phys_, x86::Ops()).value();
    ASSERT_TRUE(table.FindOrAllocate(GuestAddr(0x1000), 0).ok());
    const PageTable moved(std::move(table));
    EXPECT_EQ(moved.tables(), PageCount(4));
    EXPECT_EQ(phys_->free() + PageCount(4), free);
  }
  EXPECT_EQ(phys_->free(), free);
}

}  // namespace
}  // namespace faultline::mm
