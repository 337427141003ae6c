#include "guest_mm/file/mapping.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/rmap/rmap_walk.h"
#include "guest_mm/swap/swap_area.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

Mapping::Mapping(PhysMem& phys, Kind kind, std::unique_ptr<Backing> backing)
    : phys_(phys), kind_(kind), backing_(std::move(backing)) {}

Mapping::~Mapping() {
  FL_CHECK(vmas_.empty());
  while (writers_ > 0 && Scheduler::Current() != nullptr) {
    Scheduler::Active()->GoRound(kSwapOffPoint);  // SwapInAll() is at work
  }
  if (phys_.swap() != nullptr) {
    std::vector<Mapping*>& files = phys_.swap()->files();
    files.erase(std::remove(files.begin(), files.end(), this), files.end());
  }
  if (Scheduler::Current() != nullptr) {
    DropPages(0, ~uint64_t{0});  // waits for reclaim where it is at work
    return;
  }
  DropSwapped(0, ~uint64_t{0});
  while (const auto page = pages_.NextFrom(0)) {
    Forget(phys_.HeadOf(page->pfn));
  }
}

const Pfn* Mapping::Find(uint64_t index) const {
  ++lookups_;
  return pages_.Find(index);
}

// The frame is zeroed already.
ErrnoOr<Done> Mapping::ReadIn(uint64_t index, Pfn pfn) {
  if (backing_ == nullptr) {
    return kDone;
  }
  if (MayFail(kFileReadError)) {
    return Errno::kEIO;
  }
  return backing_->ReadPage(index << phys_.page_shift().value(),
                            {phys_.Data(pfn), page_bytes()});
}

ErrnoOr<Done> Mapping::Reserve(uint64_t offset, uint64_t length) {
  if (length == 0) {
    return kDone;
  }
  const int shift = phys_.page_shift().value();
  // As shmem_fallocate() does, leave new pages to be completed by their next
  // use, were it fallocate's; until then mincore() and read() see holes.
  const Want want{.fill = backing_ == nullptr ? Fill::kLater : Fill::kRead,
                  .write_end = offset + length};
  const uint64_t last = (offset + length - 1) >> shift;
  reserved_end_ = std::max(reserved_end_, last + 1);
  for (uint64_t i = offset >> shift; i <= last;) {
    FL_ASSIGN(const Pfn pfn, Grab(i, want));
    Frame& folio = phys_.folio(pfn);
    folio.dirty = true;  // not to be dropped before it is used
    const FolioSpan span = SpanOf(folio);
    i = span.first + span.pages;
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
                          : !phys_.folio(*found).uptodate)) {
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
      phys_.lru().MarkAccessed(phys_.HeadOf(*pfn));
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
    auto pfn =
        Grab(at >> phys_.page_shift().value(),
             {.fill = n == page_bytes() ? Fill::kOverwritten : Fill::kRead,
              .write_end = offset + bytes.size()});
    if (!pfn.ok()) {
      return done > 0 ? ErrnoOr<uint64_t>(done) : pfn.error();
    }
    if (phys_.frame(*pfn).hw_poisoned) {
      phys_.Put(*pfn);
      return done > 0 ? ErrnoOr<uint64_t>(done) : Errno::kEIO;
    }
    std::memcpy(phys_.Data(*pfn) + in_page, bytes.data() + done, n);
    phys_.folio(*pfn).dirty = true;
    phys_.WroteByHost(*pfn);
    phys_.Put(*pfn);
    done += n;
    size_ = std::max(size_, at + n);
  }
  return done;
}

ErrnoOr<Pfn> Mapping::BeginWrite(uint64_t at, uint64_t end) {
  FL_ASSIGN(const Pfn pfn,
            Grab(at >> phys_.page_shift().value(), {.write_end = end}));
  if (phys_.frame(pfn).hw_poisoned) {
    phys_.Put(pfn);
    return Errno::kEIO;
  }
  return pfn;
}

void Mapping::EndWrite(Pfn pfn, uint64_t at, uint64_t copied) {
  phys_.folio(pfn).dirty = true;
  phys_.WroteByHost(pfn);
  phys_.Put(pfn);
  size_ = std::max(size_, at + copied);
}

PageCount Mapping::DropClean() {
  PageCount dropped;
  if (backing_ == nullptr) {
    return dropped;
  }
  for (auto page = pages_.NextFrom(0); page;) {
    const Pfn head = phys_.HeadOf(page->pfn);
    const Frame& folio = phys_.frame(head);
    const FolioSpan span = SpanOf(folio);
    if (!folio.dirty && folio.uptodate && FolioMapcount(folio) == 0 &&
        folio.refcount == CacheReferences(folio)) {
      Forget(head);
      dropped += PageCount(span.pages);
    }
    page = pages_.NextFrom(span.first + span.pages);
  }
  return dropped;
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
    const Pfn head = phys_.HeadOf(page->pfn);
    const Frame& folio = phys_.frame(head);
    FL_CHECK(folio.use == FrameUse::kPageCache && folio.mapping == this);
    FL_CHECK(folio.index + (page->pfn - head) == page->index);
    FL_CHECK(folio.uptodate || folio.lock.locked() || backing_ == nullptr);
    FL_CHECK(folio.uptodate || FolioMapcount(folio) == 0);
    FL_CHECK(folio.refcount >= CacheReferences(folio) + FolioMapcount(folio));
    if (folio.order > 0 && page->pfn == head) {  // all of it is there
      for (uint64_t i = 1; i < SpanOf(folio).pages; ++i) {
        const Pfn* const tail = pages_.Find(folio.index + i);
        FL_CHECK(tail != nullptr && *tail == head + i);
      }
    }
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
