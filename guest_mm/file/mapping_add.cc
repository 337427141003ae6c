// New pages of a file: one by one or as huge folios. Linux: mm/filemap.c
// filemap_add_folio(), mm/shmem.c shmem_get_folio_gfp() and
// shmem_alloc_and_add_folio().

#include <algorithm>

#include "guest_mm/base/check.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/rmap/rmap_walk.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/eligible.h"

namespace faultline::mm {

const ShmemMount* Mapping::mount() const {
  if (mount_ != nullptr || phys_.manager() == nullptr) {
    return mount_.get();
  }
  return &phys_.manager()->shmem_mount();
}

bool Mapping::TakeRoom(PageCount pages) {
  return mount_ == nullptr || mount_->Take(pages);
}

void Mapping::GiveRoom(PageCount pages) {
  if (mount_ != nullptr) {
    mount_->Give(pages);
  }
}

ErrnoOr<Pfn> Mapping::FindOrCreate(uint64_t index, const Vma* vma) {
  return Grab(index, {.vma = vma});
}

// mm/filemap.c filemap_get_pages(), mm/shmem.c shmem_get_folio(). Allocation
// and page locks let others run, so the cache is asked again after each.
ErrnoOr<Pfn> Mapping::Grab(uint64_t index, const Want& want) {
  ++lookups_;
  for (;;) {
    if (const Pfn* found = pages_.Find(index)) {
      const Pfn pfn = *found;
      phys_.Get(pfn);
      Frame& folio = phys_.folio(pfn);
      if (folio.uptodate) {
        return pfn;
      }
      {
        // Someone is reading it in; the page lock is free when that is over.
        LockGuard wait(folio.lock);
        if (folio.mapping == this) {
          folio.uptodate = true;  // at the latest now, if fallocate() made it
          return pfn;
        }
      }
      phys_.Put(pfn);
      continue;
    }
    const std::optional<SwapSlot> slot = SwapSlotOf(index);
    const ErrnoOr<Pfn> pfn =
        slot.has_value() ? SwapIn(index, *slot) : Add(index, want);
    const bool again =
        pfn.error() == Errno::kEAGAIN || pfn.error() == Errno::kEEXIST;
    if (pfn.ok() || !again) {
      return pfn;
    }
  }
}

ErrnoOr<Pfn> Mapping::Add(uint64_t index, const Want& want) {
  if (WantsHuge(index, want)) {
    const ErrnoOr<Pfn> huge = AddHuge(index, want);
    if (huge.ok() || huge.error() == Errno::kEEXIST) {
      return huge;
    }
  }
  return AddPage(index, want);
}

// shmem_suitable_orders(): is there room for it among what there is?
bool Mapping::WantsHuge(uint64_t index, const Want& want) const {
  MemoryManager* const manager = phys_.manager();
  if (kind_ != Kind::kShmem || manager == nullptr ||
      !ShmemHugeAllowed(*manager, *this, index, want.write_end, want.vma)) {
    return false;
  }
  if (want.vma != nullptr) {
    const uint64_t pages = index - want.vma->pgoff;
    if (!HugeFits(*want.vma, want.vma->range.start + PageCount(pages).in_bytes(
                                                         phys_.page_shift()))) {
      return false;
    }
  }
  const uint64_t pages = manager->arch().geometry().HugePages();
  return !AnyPageIn(index / pages * pages, index / pages * pages + pages);
}

bool Mapping::AnyPageIn(uint64_t first, uint64_t end) const {
  const std::optional<uint64_t> next = NextPage(first);
  return next.has_value() && *next < end;
}

ErrnoOr<Pfn> Mapping::AddHuge(uint64_t index,
                              const Want& want) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  MemoryManager& manager = *phys_.manager();
  const uint64_t pages = manager.arch().geometry().HugePages();
  const uint64_t first = index / pages * pages;
  ThpCounters& counters = manager.thp().counters;
  const ErrnoOr<Pfn> head = phys_.AllocateZeroed(
      AllocPurpose::kHugePageCache, manager.arch().geometry().HugeOrder());
  if (!head.ok()) {
    ++counters.file_fallback;
    return head;
  }
  if (AnyPageIn(first, first + pages)) {
    phys_.Put(*head);
    return Errno::kEEXIST;
  }
  if (!TakeRoom(PageCount(pages))) {
    phys_.Put(*head);
    return Errno::kENOSPC;
  }
  Frame& folio = phys_.frame(*head);
  folio.lock.AcquireNew();
  Insert(first, *head);
  folio.uptodate = want.fill != Fill::kLater;
  folio.lock.Release();
  ++counters.file_alloc;
  return *head + (index - first);
}

ErrnoOr<Pfn> Mapping::AddPage(uint64_t index,
                              const Want& want) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  FL_ASSIGN(const Pfn pfn, phys_.AllocateZeroed(AllocPurpose::kPageCache));
  Frame& frame = phys_.frame(pfn);
  frame.lock.Acquire();
  const bool in_the_way = AnyPageIn(index, index + 1);
  if (in_the_way || !TakeRoom(PageCount(1))) {
    frame.lock.Release();
    phys_.Put(pfn);
    return in_the_way ? Errno::kEEXIST : Errno::kENOSPC;
  }
  Insert(index, pfn);
  const ErrnoOr<Done> read =
      want.fill == Fill::kRead ? ReadIn(index, pfn) : kDone;
  frame.uptodate = read.ok() && want.fill != Fill::kLater;
  if (!read.ok()) {
    Forget(pfn);
  }
  frame.lock.Release();
  if (!read.ok()) {
    phys_.Put(pfn);
    return read.error();
  }
  return pfn;
}

// The caller's reference stays the caller's; each page gets one of the cache's.
void Mapping::Insert(uint64_t first, Pfn head) {
  Frame& folio = phys_.frame(head);
  folio.mapping = this;
  folio.index = first;
  folio.swap_backed = kind_ == Kind::kShmem;
  folio.dirty = false;
  folio.uptodate = false;
  const FolioSpan span = SpanOf(folio);
  for (uint64_t i = 0; i < span.pages; ++i) {
    pages_.Insert(first + i, head + i);
  }
  folio.refcount += CacheReferences(folio);
  phys_.lru().Add(
      head, evictable() ? InactiveList(folio.swap_backed) : Lru::kUnevictable);
  if (folio.order > 0) {
    CountHuge(Change::kMore, PageCount(span.pages));
  }
}

void Mapping::Forget(Pfn head) {
  Frame& folio = phys_.frame(head);
  const FolioSpan span = SpanOf(folio);
  for (uint64_t i = 0; i < span.pages; ++i) {
    pages_.Erase(span.first + i);
  }
  if (folio.order > 0) {
    CountHuge(Change::kLess, PageCount(span.pages));
  }
  if (!InSwapCache(folio)) {
    GiveRoom(PageCount(span.pages));
  }
  folio.refcount -= CacheReferences(folio) - 1;
  folio.mapping = nullptr;
  folio.dirty = false;
  phys_.Put(head);
}

// The end of collapse_file().
bool Mapping::Replace(uint64_t first, Pfn head) {
  Frame& folio = phys_.frame(head);
  const uint64_t pages = uint64_t{1} << folio.order;
  uint64_t present = 0;
  for (uint64_t i = first; i < first + pages; ++i) {
    present += pages_.Find(i) != nullptr ? 1 : 0;
  }
  if (!TakeRoom(PageCount(pages - present))) {
    return false;
  }
  for (uint64_t i = first; i < first + pages; ++i) {
    if (const Pfn* const found = pages_.Find(i)) {
      const Pfn old = *found;
      FL_DCHECK(phys_.frame(old).order == 0);
      pages_.Erase(i);
      phys_.frame(old).mapping = nullptr;
      phys_.frame(old).dirty = false;
      phys_.Put(old);
    }
  }
  Insert(first, head);
  folio.uptodate = true;
  folio.dirty = kind_ == Kind::kShmem;
  return true;
}

// __split_huge_page(), shmem_fallocend().
void Mapping::WasSplit(FolioSpan span) {
  CountHuge(Change::kLess, PageCount(span.pages));
  const uint64_t end = std::max(
      reserved_end_, PageCount::ToHold(size_, phys_.page_shift()).value());
  for (uint64_t i = std::max(end, span.first); i < span.first + span.pages;
       ++i) {
    Forget(*pages_.Find(i));
  }
}

void Mapping::CountHuge(Change change, PageCount pages) {
  ThpCached& cached = phys_.manager()->thp().cached;
  PageCount& all = kind_ == Kind::kShmem ? cached.shmem : cached.file;
  if (change == Change::kMore) {
    all += pages;
    ++huge_folios_;
  } else {
    all -= pages;
    --huge_folios_;
  }
}

void Mapping::GetWriteAccess() {
  ++writers_;
  if (kind_ == Kind::kRegular && huge_folios_ > 0) {
    constexpr uint64_t kLast = ~uint64_t{0};
    UnmapPages(0, kLast, /*even_cows=*/false);
    DropPages(0, kLast);
  }
}

void Mapping::MovePage(Pfn old, Pfn to) {
  Frame& from = phys_.frame(old);
  Frame& page = phys_.frame(to);
  FL_DCHECK(from.mapping == this && from.order == 0 && from.mapcount == 0);
  pages_.Erase(from.index);
  pages_.Insert(from.index, to);
  page.mapping = this;
  page.index = from.index;
  phys_.Get(to);
  from.mapping = nullptr;
  from.dirty = false;
  phys_.Put(old);
}

}  // namespace faultline::mm
