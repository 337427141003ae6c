#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_SWAP_FIXTURE_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_SWAP_FIXTURE_H_

// SwapTest: a machine with a little swap, and pages sent there one by one.

#include <vector>

#include "guest_mm/rmap/rmap.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {

// Puts an entry for the slot of the page, which is in the swap cache, in the
// place of its entry at `a`.
inline void UnmapToSwap(TestMachine& machine, AddressSpace& mm, GuestAddr a) {
  PageTable& table = mm.page_table();
  const EntryRef ref = table.Walk(a);
  const Entry e = table.Get(ref);
  Frame& page = machine.phys().frame(e.pfn());
  LockGuard guard(table.LockOf(ref));
  page.dirty |= e.dirty();
  const EntryFlags flags =
      EntryFlags().set(EntryFlag::kExclusive, page.anon_exclusive);
  page.anon_exclusive = false;
  table.Set(ref, Entry::Swap(page.swap_slot, flags));
  machine.system().swap().Dup(page.swap_slot);
  mm.rss.swap += PageCount(1);
  RemoveRmap(mm, e.pfn());
  machine.tlb().FlushRange(
      mm, GuestRange::At(a.PageDown(mm.page_shift()), machine.page()));
  machine.phys().Put(e.pfn());
}

// Takes the page at `a` of the first of `spaces` to swap, out of each of them:
// what reclaim does with it.
inline void SwapOut(TestMachine& machine, GuestAddr a,
                    const std::vector<AddressSpace*>& spaces)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  SwapArea& swap = machine.system().swap();
  const Pfn pfn = machine.EntryAt(*spaces.front(), a).pfn();
  Frame& page = machine.phys().frame(pfn);
  machine.phys().Get(pfn);
  page.lock.Acquire();
  FL_CHECK(InSwapCache(page) || swap.AddToSwap(pfn));
  for (AddressSpace* const mm : spaces) {
    UnmapToSwap(machine, *mm, a);
  }
  if (page.dirty) {
    swap.Write(pfn);
  }
  if (page.refcount == 2 && page.mapcount == 0) {
    swap.RemoveFromCache(pfn);
  }
  page.lock.Release();
  swap.PutPage(pfn);
  machine.ValidateStep();
}

class SwapTest : public CallsTest {
 protected:
  static constexpr uint64_t kSlots = 255;
  SwapTest() : CallsTest((kSlots + 1) * kPage) {}

  SwapArea& swap() { return machine_.system().swap(); }
  void SwapOutPage(uint64_t page) { SwapOut(machine_, At(page), {&mm_}); }
  Entry EntryOf(uint64_t page) { return machine_.EntryAt(mm_, At(page)); }
  uint64_t Used() { return (swap().total() - swap().free()).value(); }
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_SWAP_FIXTURE_H_
