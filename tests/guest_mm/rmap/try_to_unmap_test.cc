#include "guest_mm/rmap/try_to_unmap.h"

#include <vector>

#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

class TryToUnmapTest : public SwapTest {
 protected:
  // Somebody's page takes a slot, which entries can then share.
  TryToUnmapTest() ABSL_NO_THREAD_SAFETY_ANALYSIS
      : in_swap_(*machine_.phys().Allocate(AllocPurpose::kKernel)) {
    machine_.phys().frame(in_swap_).lock.Acquire();
    FL_CHECK(swap().AddToSwap(in_swap_));
    slot_ = machine_.phys().frame(in_swap_).swap_slot;
  }
  ~TryToUnmapTest() override ABSL_NO_THREAD_SAFETY_ANALYSIS {
    swap().RemoveFromCache(in_swap_);
    machine_.phys().frame(in_swap_).lock.Release();
    machine_.phys().Put(in_swap_);
  }
  // With the locks and the reference that the call asks for.
  bool Unmap(Pfn head, UnmapOptions options, UnmapTarget target) {
    PhysMem& phys = machine_.phys();
    phys.Get(head);
    bool result;
    {
      LockGuard guard(phys.frame(head).lock);
      result = TryToUnmap(machine_.system(), head, options, target);
    }
    phys.Put(head);
    return result;
  }
  auto ToSlot() {
    return [this](const UnmappedEntry& from) -> std::optional<Entry> {
      swap().Dup(slot_);
      return Entry::Swap(
          slot_, EntryFlags().set(EntryFlag::kExclusive, from.exclusive));
    };
  }

  const Pfn in_swap_;
  SwapSlot slot_;
};

TEST_F(TryToUnmapTest, SwapSlotTakesThePlaceOfEachEntryAndOfItsCount) {
  Map(0, 1);
  Fill(0, 1);
  AddressSpace& child = machine_.Adopt(*DupMm(mm_));
  const Pfn page = machine_.EntryAt(mm_, At(0)).pfn();
  machine_.tlb().flushes.clear();
  EXPECT_TRUE(Unmap(page, {}, ToSlot()));
  for (AddressSpace* const mm : {&mm_, &child}) {
    const Entry e = machine_.EntryAt(*mm, At(0));
    EXPECT_EQ(e.kind, EntryKind::kSwap);
    EXPECT_FALSE(e.flags.has(EntryFlag::kExclusive)) << "fork shares it";
    EXPECT_EQ(mm->rss.anon, PageCount(0));
    EXPECT_EQ(mm->rss.swap, PageCount(1));
  }
  EXPECT_EQ(machine_.tlb().flushes.size(), 2u);
  machine_.Validate();  // the page is gone, with its last reference
}

TEST_F(TryToUnmapTest, TargetHearsWhatTheEntryWas) {
  Map(0, 1);
  Fill(0, 1);
  const Pfn page = machine_.EntryAt(mm_, At(0)).pfn();
  EXPECT_TRUE(Unmap(page, {}, [&](const UnmappedEntry& from) {
    EXPECT_EQ(from.address, At(0));
    EXPECT_EQ(from.page, page);
    EXPECT_TRUE(from.exclusive && from.entry.dirty() && from.entry.write());
    return ToSlot()(from);
  }));
  EXPECT_TRUE(machine_.EntryAt(mm_, At(0)).flags.has(EntryFlag::kExclusive));
}

TEST_F(TryToUnmapTest, RefusedEntryIsAsItWas) {
  Map(0, 1);
  Fill(0, 1);
  const Entry before = machine_.EntryAt(mm_, At(0));
  EXPECT_FALSE(Unmap(before.pfn(), {},
                     [](const UnmappedEntry&) { return std::nullopt; }));
  EXPECT_EQ(machine_.EntryAt(mm_, At(0)), before);
  EXPECT_EQ(Load(0), 1);
}

TEST_F(TryToUnmapTest, LockedMemoryStaysUnlessAskedFor) {
  Map(0, 1);
  Fill(0, 1);
  ASSERT_THAT(Mlock(mm_, At(0), kPage, MlockOnFault::kNo), Succeeds());
  const Pfn page = machine_.EntryAt(mm_, At(0)).pfn();
  EXPECT_FALSE(Unmap(page, {}, ToSlot()));
  EXPECT_TRUE(Present(0));
  EXPECT_TRUE(Unmap(page, {.ignore_mlock = true}, ToSlot()));
  EXPECT_FALSE(Present(0));
}

TEST_F(TryToUnmapTest, FilePageLosesItsEntriesAndLearnsThatItIsDirty) {
  const auto file =
      machine_.NewFile(Mapping::Kind::kShmem, std::string(kPage, 'x'));
  MapFile(0, 1, kRW, kMapShared, file);
  MapFile(4, 1, kRW, kMapShared, file);
  ASSERT_TRUE(Store(0, 'y'));
  Load(4);
  const Pfn page = *file->mapping().Find(0);
  machine_.phys().frame(page).dirty = false;
  EXPECT_TRUE(
      Unmap(page, {}, [](const UnmappedEntry&) { return Entry::None(); }));
  EXPECT_FALSE(Present(0) || Present(4));
  EXPECT_TRUE(machine_.phys().frame(page).dirty);
  EXPECT_EQ(mm_.rss.shmem, PageCount(0));
  EXPECT_EQ(Load(4), 'y');
}

TEST_F(TryToUnmapTest, HugeEntryIsLeftOrSplitAsAsked) {
  machine_.system().thp().settings.enabled = ThpEnabled::kAlways;
  const uint64_t pages = 512;
  ASSERT_EQ(At(0).value() % (pages * kPage), 0u);
  Map(0, pages);
  Fill(3, 1);
  const Pfn head = machine_.phys().HeadOf(machine_.EntryAt(mm_, At(0)).pfn());
  EXPECT_FALSE(Unmap(head, {}, ToSlot()));
  EXPECT_EQ(mm_.rss.anon, PageCount(pages));
  uint64_t gone = 0;
  EXPECT_TRUE(Unmap(head, {.split_huge = true}, [&](const UnmappedEntry& e) {
    EXPECT_EQ(e.page, head + gone);
    ++gone;
    return ToSlot()(e);
  }));
  EXPECT_EQ(gone, pages);
  EXPECT_EQ(mm_.rss.swap, PageCount(pages));
}

}  // namespace
}  // namespace faultline::mm
