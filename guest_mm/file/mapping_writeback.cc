// From the page cache back to the Backing. Linux: mm/page-writeback.c,
// folio_mkclean() of mm/rmap.c.

#include <algorithm>

#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

ErrnoOr<Done> Mapping::WriteBack(uint64_t offset, uint64_t length) {
  if (backing_ == nullptr || length == 0) {
    return kDone;
  }
  const int shift = phys_.page_shift().value();
  const uint64_t first = offset >> shift;
  const uint64_t end = std::min(size_, offset + std::min(length, ~offset));
  if (end <= offset) {
    return kDone;
  }
  const uint64_t last = (end - 1) >> shift;
  CleanEntries(first, last);
  for (auto page = pages_.NextFrom(first); page && page->index <= last;
       page = pages_.NextFrom(page->index + 1)) {
    Frame& frame = phys_.folio(page->pfn);
    if (!frame.dirty || frame.order > 0) {  // huge ones are only read
      continue;
    }
    const uint64_t at = page->index << shift;
    if (at >= size_) {
      break;
    }
    phys_.Get(page->pfn);
    ErrnoOr<Done> written = kDone;
    {
      LockGuard locked(frame.lock);
      if (frame.mapping == this) {
        written = WritePage(page->pfn);
      }
    }
    phys_.Put(page->pfn);
    FL_TRY(written);
  }
  return kDone;
}

void Mapping::CleanEntries(uint64_t first, uint64_t last) {
  const PageShift shift = phys_.page_shift();
  LockGuard guard(i_mmap_lock_);
  for (const auto& [key, vma] : vmas_) {
    if (key.pgoff > last) {
      break;
    }
    const uint64_t pages = vma->range.Pages(shift).value();
    if (key.pgoff + pages <= first || !vma->shared()) {
      continue;
    }
    const uint64_t from = std::max(first, key.pgoff) - key.pgoff;
    const uint64_t to = std::min(last - key.pgoff, pages - 1) + 1;
    const GuestRange range{vma->range.start + PageCount(from).in_bytes(shift),
                           vma->range.start + PageCount(to).in_bytes(shift)};
    PageTable& table = vma->mm->page_table();
    bool cleaned = false;
    table.ForEach(range, [&](const EntryRef& ref, const Entry& seen) {
      if (seen.present() && seen.dirty() && !seen.special()) {
        LockGuard locked(table.LockOf(ref));
        Entry entry = table.Get(ref);
        if (entry.present() && entry.dirty()) {
          phys_.frame(entry.pfn()).dirty = true;
          entry.flags = entry.flags.without(EntryFlag::kDirty);
          table.Set(ref, entry);
          cleaned = true;
        }
      }
      return true;
    });
    if (cleaned) {
      // The next store must be seen to set the bit again.
      vma->mm->system().tlb().FlushRange(*vma->mm, range);
    }
  }
}

}  // namespace faultline::mm
