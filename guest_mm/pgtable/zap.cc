// Taking pages out of a range. Linux: mm/memory.c unmap_page_range(),
// zap_pte_range(), unmap_mapping_range().

#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/pgtable/walk.h"
#include "guest_mm/rmap/rmap.h"

namespace faultline::mm {
namespace {

class Zapper {
 public:
  Zapper(AddressSpace& mm, EvenCows even_cows)
      : mm_(mm), even_cows_(even_cows), gather_(mm) {}

  void Zap(GuestRange range) {
    WalkSpans(mm_.page_table(), range, [this](const EntrySpan& span) {
      ZapSpan(span);
      if (gather_.full()) {
        gather_.Finish();
      }
      return true;
    });
  }

 private:
  void ZapSpan(const EntrySpan& span) {
    PageTable& table = mm_.page_table();
    LockGuard guard(table.LockOf(span.first));
    bool flush_before_unlock = false;
    for (uint64_t i = 0; i < span.count; ++i) {
      const EntryRef r = span[i];
      if (*r.word != 0) {
        flush_before_unlock |= ZapEntry(r, table.Get(r), span.entry_bytes);
      }
    }
    if (flush_before_unlock) {
      gather_.FlushNow();
    }
  }

  // True if the flush must not wait until the lock is dropped.
  bool ZapEntry(const EntryRef& r, const Entry& e, uint64_t bytes) {
    PageTable& table = mm_.page_table();
    if (!e.counted()) {
      // Entries without a page go too; special pages have no counts.
      table.Set(r, Entry::None());
      if (e.present()) {
        gather_.Add(GuestRange::At(r.address, bytes));
      }
      return false;
    }
    Frame& frame = mm_.system().phys().frame(e.pfn());
    const bool file_page = frame.use != FrameUse::kAnon;
    if (!file_page && even_cows_ == EvenCows::kNo) {
      return false;
    }
    table.Set(r, Entry::None());
    gather_.Add(GuestRange::At(r.address, bytes));
    const bool stores_may_follow = file_page && e.dirty();
    if (stores_may_follow) {
      frame.dirty = true;
    }
    frame.referenced |= file_page && e.young();
    RemoveRmap(mm_, e.pfn());
    gather_.RemovePage(e.pfn());
    return stores_may_follow;
  }

  AddressSpace& mm_;
  EvenCows even_cows_;
  TlbGather gather_;
};

}  // namespace

void ZapRange(AddressSpace& mm, Vma& vma, GuestRange range) {
  (void)vma;  // one size of page yet: nothing depends on it
  Zapper(mm, EvenCows::kYes).Zap(range);
}

void ZapFileRange(Vma& vma, GuestRange range, EvenCows even_cows) {
  Zapper(*vma.mm, even_cows).Zap(range);
}

}  // namespace faultline::mm
