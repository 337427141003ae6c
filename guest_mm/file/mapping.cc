#include "guest_mm/file/mapping.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/swap/swap_area.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

Mapping::Mapping(PhysMem& phys, Kind kind, std::unique_ptr<Backing> backing)
    : phys_(phys), kind_(kind), backing_(std::move(backing)) {}

Mapping::~Mapping() {
  FL_CHECK(vmas_.empty());
  if (Scheduler::Current() != nullptr) {
    DropPages(0, ~uint64_t{0});  // waits for reclaim where it is at work
    return;
  }
  DropSwapped(0, ~uint64_t{0});
  while (const auto page = pages_.NextFrom(0)) {
    Forget(page->index, page->pfn);
  }
}

const Pfn* Mapping::Find(uint64_t index) const { return pages_.Find(index); }

ErrnoOr<Pfn> Mapping::FindOrCreate(uint64_t index) {
  return Grab(index, Fill::kRead);
}

// mm/filemap.c filemap_get_pages(), mm/shmem.c shmem_get_folio(). Allocation
// and page locks let others run, so the cache is asked again after each.
ErrnoOr<Pfn> Mapping::Grab(uint64_t index, Fill fill) {
  for (;;) {
    if (const Pfn* found = pages_.Find(index)) {
      const Pfn pfn = *found;
      Frame& frame = phys_.frame(pfn);
      phys_.Get(pfn);
      if (frame.uptodate) {
        return pfn;
      }
      {
        // Someone is reading it in; the page lock is free when that is over.
        LockGuard wait(frame.lock);
        if (frame.mapping == this) {
          frame.uptodate = true;  // at the latest now, if fallocate() made it
          return pfn;
        }
      }
      phys_.Put(pfn);
      continue;
    }
    if (const std::optional<SwapSlot> slot = SwapSlotOf(index)) {
      const ErrnoOr<Pfn> pfn = SwapIn(index, *slot);
      if (pfn.ok() || pfn.error() != Errno::kEAGAIN) {
        return pfn;
      }
      continue;
    }
    FL_ASSIGN(const Pfn pfn, phys_.AllocateZeroed(AllocPurpose::kPageCache));
    Frame& frame = phys_.frame(pfn);
    frame.lock.Acquire();
    if (pages_.Find(index) != nullptr || SwapSlotOf(index).has_value()) {
      frame.lock.Release();
      phys_.Put(pfn);
      continue;
    }
    frame.mapping = this;
    frame.index = index;
    frame.swap_backed = kind_ == Kind::kShmem;
    frame.dirty = false;
    frame.uptodate = false;
    pages_.Insert(index, pfn);
    phys_.lru().Add(
        pfn, evictable() ? InactiveList(frame.swap_backed) : Lru::kUnevictable);
    phys_.Get(pfn);  // one reference is the cache's, one the caller's
    ErrnoOr<Done> read = fill == Fill::kRead ? ReadIn(index, pfn) : kDone;
    frame.uptodate = read.ok() && fill != Fill::kLater;
    if (!read.ok()) {
      Forget(index, pfn);
    }
    frame.lock.Release();
    if (!read.ok()) {
      phys_.Put(pfn);
      return read.error();
    }
    return pfn;
  }
}

// The frame is zeroed already; bytes beyond backed_size_ stay so.
ErrnoOr<Done> Mapping::ReadIn(uint64_t index, Pfn pfn) {
  const uint64_t offset = index << phys_.page_shift().value();
  if (backing_ == nullptr || offset >= backed_size_) {
    return kDone;
  }
  const absl::Span<std::byte> page(phys_.Data(pfn), page_bytes());
  FL_TRY(backing_->ReadPage(offset, page));
  if (backed_size_ - offset < page.size()) {
    const auto tail = page.subspan(backed_size_ - offset);
    std::memset(tail.data(), 0, tail.size());
  }
  return kDone;
}

ErrnoOr<Done> Mapping::Reserve(uint64_t offset, uint64_t length) {
  if (length == 0) {
    return kDone;
  }
  const int shift = phys_.page_shift().value();
  // As shmem_fallocate() does, leave new pages to be completed by their next
  // use, were it fallocate's; until then mincore() and read() see holes.
  const Fill fill = backing_ == nullptr ? Fill::kLater : Fill::kRead;
  for (uint64_t i = offset >> shift; i <= (offset + length - 1) >> shift; ++i) {
    FL_ASSIGN(const Pfn pfn, Grab(i, fill));
    phys_.Put(pfn);
  }
  return kDone;
}

ErrnoOr<uint64_t> Mapping::Read(uint64_t offset, absl::Span<std::byte> bytes) {
  uint64_t done = 0;
  while (done < bytes.size() && offset + done < size_) {
    const uint64_t at = offset + done;
    const uint64_t in_page = at & (page_bytes() - 1);
    const uint64_t n = std::min(
        {page_bytes() - in_page, size_ - at, uint64_t{bytes.size()} - done});
    const uint64_t index = at >> phys_.page_shift().value();
    const Pfn* found = pages_.Find(index);
    if (backing_ == nullptr &&
        (found == nullptr ? !SwapSlotOf(index).has_value()
                          : !phys_.frame(*found).uptodate)) {
      std::memset(bytes.data() + done, 0, n);  // a hole stays one
    } else {
      auto pfn = FindOrCreate(index);
      if (!pfn.ok()) {
        return done > 0 ? ErrnoOr<uint64_t>(done) : pfn.error();
      }
      if (phys_.frame(*pfn).hw_poisoned) {
        phys_.Put(*pfn);
        return done > 0 ? ErrnoOr<uint64_t>(done) : Errno::kEIO;
      }
      std::memcpy(bytes.data() + done, phys_.Data(*pfn) + in_page, n);
      phys_.lru().MarkAccessed(*pfn);
      phys_.Put(*pfn);
    }
    done += n;
  }
  return done;
}

ErrnoOr<uint64_t> Mapping::Write(uint64_t offset,
                                 absl::Span<const std::byte> bytes) {
  uint64_t done = 0;
  while (done < bytes.size()) {
    const uint64_t at = offset + done;
    const uint64_t in_page = at & (page_bytes() - 1);
    const uint64_t n =
        std::min(page_bytes() - in_page, uint64_t{bytes.size()} - done);
    auto pfn = Grab(at >> phys_.page_shift().value(),
                    n == page_bytes() ? Fill::kOverwritten : Fill::kRead);
    if (!pfn.ok()) {
      return done > 0 ? ErrnoOr<uint64_t>(done) : pfn.error();
    }
    if (phys_.frame(*pfn).hw_poisoned) {
      phys_.Put(*pfn);
      return done > 0 ? ErrnoOr<uint64_t>(done) : Errno::kEIO;
    }
    std::memcpy(phys_.Data(*pfn) + in_page, bytes.data() + done, n);
    phys_.frame(*pfn).dirty = true;
    phys_.WroteByHost(*pfn);
    phys_.Put(*pfn);
    done += n;
    size_ = std::max(size_, at + n);
  }
  return done;
}

PageCount Mapping::DropClean() {
  PageCount dropped;
  if (backing_ == nullptr) {
    return dropped;
  }
  for (auto page = pages_.NextFrom(0); page;
       page = pages_.NextFrom(page->index + 1)) {
    const Frame& frame = phys_.frame(page->pfn);
    if (!frame.dirty && frame.uptodate && frame.mapcount == 0 &&
        frame.refcount == 1) {
      Forget(page->index, page->pfn);
      dropped += PageCount(1);
    }
  }
  return dropped;
}

void Mapping::Forget(uint64_t index, Pfn pfn) {
  Frame& frame = phys_.frame(pfn);
  pages_.Erase(index);
  frame.mapping = nullptr;
  frame.dirty = false;
  phys_.Put(pfn);
}

void Mapping::Link(Vma& vma) {
  vmas_.emplace(VmaKey{vma.pgoff, vma.mm->id(), vma.range.start}, &vma);
}

void Mapping::Unlink(Vma& vma) {
  const size_t gone =
      vmas_.erase(VmaKey{vma.pgoff, vma.mm->id(), vma.range.start});
  FL_CHECK(gone == 1);
}

void Mapping::Validate() const {
  size_t count = 0;
  for (auto page = pages_.NextFrom(0); page;
       page = pages_.NextFrom(page->index + 1)) {
    const Frame& frame = phys_.frame(page->pfn);
    FL_CHECK(frame.use == FrameUse::kPageCache);
    FL_CHECK(frame.mapping == this && frame.index == page->index);
    FL_CHECK(frame.uptodate || frame.lock.locked() || backing_ == nullptr);
    FL_CHECK(frame.uptodate || frame.mapcount == 0);
    FL_CHECK(frame.refcount >= 1 + frame.mapcount);
    ++count;
  }
  FL_CHECK(count == pages_.size());
  for (const auto& [index, slot] : swapped_) {
    FL_CHECK(pages_.Find(index) == nullptr && phys_.swap()->count(slot) == 1);
  }
  for (const auto& [key, vma] : vmas_) {
    FL_CHECK(key.pgoff == vma->pgoff && key.start == vma->range.start);
    FL_CHECK(key.mm_id == vma->mm->id());
    FL_CHECK(vma->file != nullptr && &vma->file->mapping() == this);
  }
}

}  // namespace faultline::mm
