// Taking pages out of a file: truncate and hole punching. Linux: mm/truncate.c
// and unmap_mapping_pages() of mm/memory.c.

#include <algorithm>
#include <cstring>

#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/rmap/rmap_walk.h"
#include "guest_mm/swap/swap_area.h"
#include "guest_mm/thp/split_folio.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kLastIndex = ~uint64_t{0};

}  // namespace

// truncate_setsize(): the new size first, so that no fault brings back a page
// beyond it; then the mappings, then the cache, then private copies that were
// made from pages unmapped too late.
void Mapping::Resize(uint64_t size) {
  const uint64_t old = size_;
  size_ = size;
  // As shmem_setattr(), also drop what fallocate() has put beyond an end that
  // stays where it is.
  if (size > old || (size == old && backing_ != nullptr)) {
    return;
  }
  if (backing_ != nullptr) {
    backing_->Truncate(size);
  }
  const uint64_t first = PageCount::ToHold(size, phys_.page_shift()).value();
  UnmapPages(first, kLastIndex, /*even_cows=*/true);
  if (size % page_bytes() != 0) {
    ZeroPart(first - 1, size % page_bytes(), page_bytes());
  }
  DropPages(first, kLastIndex);
  UnmapPages(first, kLastIndex, /*even_cows=*/true);
}

void Mapping::PunchHole(uint64_t offset, uint64_t length) {
  if (length == 0) {
    return;
  }
  const int shift = phys_.page_shift().value();
  const uint64_t end = offset + length;
  const uint64_t first_whole =
      PageCount::ToHold(offset, phys_.page_shift()).value();
  const uint64_t end_whole = end >> shift;
  if (backing_ == nullptr && end_whole == 0) {
    // shmem_fallocate() works out what to unmap from the end of the last whole
    // page before `end`; where there is none, that is the end of everything.
    UnmapPages(first_whole, kLastIndex, /*even_cows=*/false);
  }
  if (offset >> shift == end >> shift) {  // inside one page
    ZeroPart(offset >> shift, offset % page_bytes(), end % page_bytes());
    return;
  }
  if (offset % page_bytes() != 0) {
    ZeroPart(offset >> shift, offset % page_bytes(), page_bytes());
  }
  if (end % page_bytes() != 0) {
    ZeroPart(end >> shift, 0, end % page_bytes());
  }
  if (first_whole >= end_whole) {
    return;
  }
  if (backing_ != nullptr) {
    // The Backing knows no holes: zeros are written instead.
    for (uint64_t i = first_whole; i < end_whole; ++i) {
      ZeroPart(i, 0, page_bytes());
    }
    return;
  }
  UnmapPages(first_whole, end_whole - 1, /*even_cows=*/false);
  DropPages(first_whole, end_whole - 1);
}

void Mapping::UnmapPages(uint64_t first, uint64_t last, bool even_cows) {
  const PageShift shift = phys_.page_shift();
  LockGuard guard(i_mmap_lock_);
  for (const auto& [key, vma] : vmas_) {
    if (key.pgoff > last) {
      break;
    }
    const uint64_t pages = vma->range.Pages(shift).value();
    if (key.pgoff + pages <= first) {
      continue;
    }
    const uint64_t from = std::max(first, key.pgoff) - key.pgoff;
    const uint64_t to = std::min(last - key.pgoff, pages - 1) + 1;
    ZapFileRange(*vma,
                 {vma->range.start + PageCount(from).in_bytes(shift),
                  vma->range.start + PageCount(to).in_bytes(shift)},
                 even_cows ? EvenCows::kYes : EvenCows::kNo);
  }
}

void Mapping::DropPages(uint64_t first, uint64_t last) {
  if (reserved_end_ > first && reserved_end_ - 1 <= last) {
    reserved_end_ = first;
  }
  DropSwapped(first, last);
  auto page = pages_.NextFrom(first);
  while (page && page->index <= last) {
    const uint64_t next = DropFolio(page->index, page->pfn, first, last);
    page = next > last ? std::nullopt : pages_.NextFrom(next);
  }
  DropSwapped(first, last);  // what went there meanwhile
}

// The reference keeps the folio whole until we have its lock.
uint64_t Mapping::DropFolio(uint64_t index, Pfn pfn, uint64_t first,
                            uint64_t last) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  uint64_t next = index + 1;
  phys_.Get(pfn);
  Frame& folio = phys_.folio(pfn);
  folio.lock.Acquire();
  if (folio.mapping == this) {
    const FolioSpan span = SpanOf(folio);
    next = span.first + span.pages;
    if (span.first < first || next - 1 > last) {
      // Its pages are looked at one by one, if they are single ones now.
      next = SplitAndZero(pfn, first, last) ? index : next;
    } else {
      if (FolioMapcount(folio) > 0) {  // faulted in again since the sweep
        UnmapPages(span.first, next - 1, /*even_cows=*/false);
      }
      Forget(phys_.HeadOf(pfn));
    }
  }
  phys_.folio(pfn).lock.Release();
  phys_.Put(pfn);
  return next;
}

// truncate_inode_partial_folio(): what cannot be taken out of a huge folio
// that somebody else has holds zeros at least.
bool Mapping::SplitAndZero(Pfn pfn, uint64_t first, uint64_t last) {
  Frame& folio = phys_.folio(pfn);
  const Pfn head = phys_.HeadOf(pfn);
  const FolioSpan span = SpanOf(folio);
  for (uint64_t i = 0; i < span.pages; ++i) {
    if (span.first + i >= first && span.first + i <= last) {
      std::memset(phys_.Data(head + i), 0, page_bytes());
      phys_.WroteByHost(head + i);
    }
  }
  folio.dirty = true;
  return SplitFolio(*phys_.manager(), pfn).ok();
}

void Mapping::DropSwapped(uint64_t first, uint64_t last) {
  auto it = swapped_.lower_bound(first);
  while (it != swapped_.end() && it->first <= last) {
    const SwapSlot slot = it->second;
    it = swapped_.erase(it);
    phys_.swap()->CountFile({}, PageCount(1));
    phys_.swap()->DropAndCache(slot);
    GiveRoom(PageCount(1));
  }
}

void Mapping::ZeroPart(uint64_t index, uint64_t from,
                       uint64_t to) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const Pfn* found = pages_.Find(index);
  Pfn pfn;
  if (found != nullptr) {
    pfn = *found;
    phys_.Get(pfn);
  } else {
    const uint64_t offset = index << phys_.page_shift().value();
    if (!SwapSlotOf(index).has_value() &&
        (backing_ == nullptr || offset >= size_)) {
      return;  // a hole: zeros already
    }
    auto read = FindOrCreate(index);
    if (!read.ok()) {
      return;  // as Linux: truncation does not fail for want of memory
    }
    pfn = *read;
  }
  Frame& folio = phys_.folio(pfn);
  folio.lock.Acquire();
  std::memset(phys_.Data(pfn) + from, 0, to - from);
  folio.dirty = true;
  phys_.WroteByHost(pfn);
  if (folio.order > 0 && folio.mapping == this) {
    (void)SplitFolio(*phys_.manager(), pfn);
  }
  phys_.folio(pfn).lock.Release();
  phys_.Put(pfn);
}

}  // namespace faultline::mm
