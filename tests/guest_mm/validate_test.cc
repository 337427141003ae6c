#include "guest_mm/validate.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

// Each test breaks one invariant, sees it found, and mends it again.
class ValidateTest : public CallsTest {
 protected:
  ValidateTest() {
    Map(0, 2);
    Fill(0, 2);
    file_ = machine_.NewFile(Mapping::Kind::kShmem, "x");
    MapFile(8, 1, kRW, kMapShared, file_);
    Store(8, 'y');
  }
  Frame& Anon() { return machine_.FrameAt(mm_, At(0)); }
  Frame& FilePage() { return machine_.FrameAt(mm_, At(8)); }
  EntryRef Entry0() { return mm_.page_table().Walk(At(0)); }

  std::shared_ptr<TestFile> file_;
};

using ValidateDeathTest = ValidateTest;

TEST_F(ValidateDeathTest, MapcountIsTheNumberOfEntries) {
  ++Anon().mapcount;
  ++Anon().refcount;
  EXPECT_DEATH(machine_.Validate(), "mapcount is the number of entries");
  --Anon().mapcount;
  EXPECT_DEATH(machine_.Validate(), "every reference to an anonymous page");
  --Anon().refcount;
}

TEST_F(ValidateDeathTest, WritablePrivatePagesAreExclusive) {
  Anon().anon_exclusive = false;
  EXPECT_DEATH(machine_.Validate(), "is nobody else's");
  Anon().anon_exclusive = true;
}

TEST_F(ValidateDeathTest, PagesKnowTheirPlace) {
  ++Anon().index;
  EXPECT_DEATH(machine_.Validate(), "the page of its place");
  --Anon().index;
}

TEST_F(ValidateDeathTest, PagesHangFromAnAnonVmaOfTheirVma) {
  const AnonVma stranger;
  const auto own = Anon().anon_vma;
  Anon().anon_vma = const_cast<AnonVma*>(&stranger);
  EXPECT_DEATH(machine_.Validate(), "chain->Contains");
  Anon().anon_vma = own;
}

TEST_F(ValidateDeathTest, CachedPagesHaveTheCachesReference) {
  --FilePage().refcount;
  EXPECT_DEATH(machine_.Validate(), "CacheReferences");
  ++FilePage().refcount;
}

TEST_F(ValidateDeathTest, EntriesAllowNoMoreThanTheirVma) {
  VmaAt(0).flags = VmaAt(0).flags.without(VmaFlag::kWrite);
  EXPECT_DEATH(machine_.Validate(), "");
  VmaAt(0).flags |= VmaFlag::kWrite;
}

TEST_F(ValidateDeathTest, TablesCountTheirEntries) {
  Frame& table = machine_.phys().frame(Entry0().table);
  ++table.entries;
  EXPECT_DEATH(machine_.Validate(), "entries == frame.entries");
  --table.entries;
}

TEST_F(ValidateDeathTest, EveryTableIsReached) {
  const Pfn lost = *machine_.phys().Allocate(AllocPurpose::kTablePte);
  EXPECT_DEATH(machine_.Validate(), "every page table is in a tree");
  machine_.phys().Put(lost);
}

TEST_F(ValidateDeathTest, ChargedMappingsAreCommitted) {
  const PageCount committed = machine_.system().committed();
  machine_.system().committed() = PageCount(1);
  EXPECT_DEATH(machine_.Validate(), "committed");
  machine_.system().committed() = committed;
}

}  // namespace
}  // namespace faultline::mm
