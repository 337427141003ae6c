// A file's pages on their way out of memory: to swap, which shmem shares with
// anonymous memory, or to the Backing. Linux: mm/shmem.c shmem_writepage(),
// shmem_swapin_folio(); mm/vmscan.c pageout(), __remove_mapping().

#include <algorithm>

#include "guest_mm/base/check.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/swap/swap_area.h"

namespace faultline::mm {

std::optional<SwapSlot> Mapping::SwapSlotOf(uint64_t index) const {
  const auto it = swapped_.find(index);
  return it == swapped_.end() ? std::nullopt
                              : std::optional<SwapSlot>(it->second);
}

std::optional<uint64_t> Mapping::NextPage(uint64_t index) const {
  const auto cached = pages_.NextFrom(index);
  const auto swapped = swapped_.lower_bound(index);
  if (swapped == swapped_.end()) {
    return cached ? std::optional<uint64_t>(cached->index) : std::nullopt;
  }
  return cached ? std::min(cached->index, swapped->first) : swapped->first;
}

PageCount Mapping::SwappedIn(uint64_t first, uint64_t end) const {
  PageCount count;
  for (auto it = swapped_.lower_bound(first);
       it != swapped_.end() && it->first < end; ++it) {
    count += PageCount(1);
  }
  return count;
}

bool Mapping::MustRead(uint64_t index) const {
  if (pages_.Find(index) != nullptr) {
    return false;
  }
  if (const std::optional<SwapSlot> slot = SwapSlotOf(index)) {
    return !phys_.swap()->Cached(*slot).has_value();
  }
  return kind_ == Kind::kRegular;
}

// The page changes caches under its lock: whoever finds it in the swap cache
// waits there until it has been written.
bool Mapping::SwapOut(Pfn pfn) {
  SwapArea& swap = *phys_.swap();
  Frame& page = phys_.frame(pfn);
  FL_DCHECK(page.mapping == this && page.lock.locked());
  if (page.mapcount != 0 || page.refcount != 2 || !swap.AddToSwap(pfn)) {
    return false;
  }
  const uint64_t index = page.index;
  swap.Dup(page.swap_slot);
  if (swapped_.empty() && std::find(swap.files().begin(), swap.files().end(),
                                    this) == swap.files().end()) {
    swap.files().push_back(this);
  }
  swapped_.emplace(index, page.swap_slot);
  swap.CountFile(PageCount(1), {});
  Forget(pfn);
  swap.Write(pfn);
  return true;
}

ErrnoOr<Pfn> Mapping::SwapIn(uint64_t index, SwapSlot slot) {
  SwapArea& swap = *phys_.swap();
  const auto wanted = [&] { return SwapSlotOf(index) == slot; };
  FL_ASSIGN(const SwapArea::CachedPage page,
            swap.ReadIn(slot, AllocPurpose::kPageCache, wanted));
  Frame& frame = phys_.frame(page.pfn);
  bool ours = false, read = false;
  {
    LockGuard locked(frame.lock);
    ours = frame.swap_slot == slot && wanted();
    read = frame.uptodate;
    if (ours && read) {
      swapped_.erase(index);
      swap.CountFile({}, PageCount(1));
      frame.mapping = this;
      frame.index = index;
      pages_.Insert(index, page.pfn);
      phys_.Get(page.pfn);  // the cache's
      swap.Drop(slot);
      swap.RemoveFromCache(page.pfn);
      frame.dirty = true;  // its bytes are nowhere else
    }
  }
  if (!ours || !read) {
    swap.PutPage(page.pfn);
    return ours ? Errno::kEIO : Errno::kEAGAIN;
  }
  return page.pfn;
}

// shmem_unuse_inode(). Counted as a writer, without whose leave the file does
// not go.
ErrnoOr<Done> Mapping::SwapInAll() {
  ++writers_;
  Errno error = Errno::kOk;
  while (!swapped_.empty() && error == Errno::kOk) {
    const ErrnoOr<Pfn> page = FindOrCreate(swapped_.begin()->first);
    if (page.ok()) {
      phys_.Put(*page);
    }
    error = page.error();
  }
  --writers_;
  return error == Errno::kOk ? ErrnoOr<Done>(kDone) : error;
}

ErrnoOr<Done> Mapping::WritePage(Pfn pfn) {
  Frame& page = phys_.frame(pfn);
  const uint64_t at = page.index << phys_.page_shift().value();
  if (!page.dirty || at >= size_) {
    return kDone;
  }
  page.dirty = false;
  const ErrnoOr<Done> written =
      MayFail(kFileWriteError)
          ? Errno::kEIO
          : backing_->WritePage(
                at, {phys_.Data(pfn), std::min(page_bytes(), size_ - at)});
  page.dirty |= !written.ok();
  return written;
}

bool Mapping::DropPage(Pfn pfn) {
  const Frame& page = phys_.frame(pfn);
  FL_DCHECK(page.mapping == this && page.lock.locked());
  if (backing_ == nullptr || page.dirty || !page.uptodate ||
      page.mapcount != 0 || page.refcount != 2) {
    return false;
  }
  Forget(pfn);
  return true;
}

}  // namespace faultline::mm
