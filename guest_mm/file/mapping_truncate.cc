// Taking pages out of a file: truncate and hole punching. Linux: mm/truncate.c
// and unmap_mapping_pages() of mm/memory.c.

#include <algorithm>
#include <cstring>

#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/swap/swap_area.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

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
  backed_size_ = std::min(backed_size_, size);
  const uint64_t first = PageCount::ToHold(size, phys_.page_shift()).value();
  constexpr uint64_t kLast = ~uint64_t{0};
  UnmapPages(first, kLast, /*even_cows=*/true);
  if (size % page_bytes() != 0) {
    ZeroPart(first - 1, size % page_bytes(), page_bytes());
  }
  DropPages(first, kLast);
  UnmapPages(first, kLast, /*even_cows=*/true);
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
  DropSwapped(first, last);
  auto page = pages_.NextFrom(first);
  while (page && page->index <= last) {
    const auto [index, pfn] = *page;
    Frame& frame = phys_.frame(pfn);
    phys_.Get(pfn);
    {
      LockGuard locked(frame.lock);
      if (frame.mapping == this) {
        if (frame.mapcount > 0) {  // faulted in again since the sweep
          UnmapPages(index, index, /*even_cows=*/false);
        }
        Forget(index, pfn);
      }
    }
    phys_.Put(pfn);
    page = index == last ? std::nullopt : pages_.NextFrom(index + 1);
  }
  DropSwapped(first, last);  // what went there meanwhile
}

void Mapping::DropSwapped(uint64_t first, uint64_t last) {
  auto it = swapped_.lower_bound(first);
  while (it != swapped_.end() && it->first <= last) {
    const SwapSlot slot = it->second;
    it = swapped_.erase(it);
    phys_.swap()->CountFile({}, PageCount(1));
    phys_.swap()->DropAndCache(slot);
  }
}

void Mapping::ZeroPart(uint64_t index, uint64_t from, uint64_t to) {
  const Pfn* found = pages_.Find(index);
  Pfn pfn;
  if (found != nullptr) {
    pfn = *found;
    phys_.Get(pfn);
  } else {
    const uint64_t offset = index << phys_.page_shift().value();
    if (!SwapSlotOf(index).has_value() &&
        (backing_ == nullptr || offset >= std::min(size_, backed_size_))) {
      return;  // a hole: zeros already
    }
    auto read = FindOrCreate(index);
    if (!read.ok()) {
      return;  // as Linux: truncation does not fail for want of memory
    }
    pfn = *read;
  }
  {
    LockGuard locked(phys_.frame(pfn).lock);
    std::memset(phys_.Data(pfn) + from, 0, to - from);
    phys_.frame(pfn).dirty = true;
    phys_.WroteByHost(pfn);
  }
  phys_.Put(pfn);
}

}  // namespace faultline::mm
