#include "guest_mm/calls/memory_error.h"

#include <optional>

#include "guest_mm/fault/populate_range.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/rmap/try_to_unmap.h"

namespace faultline::mm {
namespace {

// get_user_pages_fast(): the page at `a` with a reference for the caller;
// nothing for the page of zeros, which has no references.
ErrnoOr<std::optional<Pfn>> GetPage(AddressSpace& mm, GuestAddr a) {
  const GuestRange page = GuestRange::At(a, mm.page_shift().bytes());
  const ErrnoOr<Done> in = PopulateRange(mm, page, Populate::kRead);
  if (!in.ok()) {
    return in.error() == Errno::kENOMEM ? Errno::kEFAULT : in.error();
  }
  ReadGuard guard(mm.mmap_lock());
  const EntryRef ref = mm.page_table().Walk(a);
  LockGuard entry_guard(mm.page_table().LockOf(ref));
  const Entry e = mm.page_table().Get(ref);
  if (!e.present()) {
    return Errno::kEFAULT;
  }
  if (e.special()) {
    return std::optional<Pfn>();
  }
  const Pfn pfn = e.pfn() + ((a - ref.address) >> mm.page_shift().value());
  mm.system().phys().Get(pfn);
  return std::optional<Pfn>(pfn);
}

// It can be had again from where it came.
bool IsCleanFilePage(const Frame& folio) {
  return folio.use == FrameUse::kPageCache && !folio.swap_backed &&
         !folio.dirty;
}

// hwpoison_user_mappings(): the page, locked, leaves all spaces. The address
// at which `mm` mapped it, if it did.
std::optional<GuestAddr> Unmap(AddressSpace& mm, Pfn pfn, const Frame& folio) {
  std::optional<GuestAddr> mapped_at;
  const auto target = [&](const UnmappedEntry& from) -> std::optional<Entry> {
    if (from.vma.mm == &mm && !mapped_at.has_value()) {
      mapped_at = from.address;
    }
    if (IsCleanFilePage(folio)) {
      return Entry::None();
    }
    return Entry{EntryKind::kHwPoison, {}, pfn.value()};
  };
  (void)TryToUnmap(mm.system(), pfn, {.ignore_mlock = true}, target);
  return mapped_at;
}

// memory_failure() for a page that is in use; the reference is the caller's.
ErrnoOr<Done> Poison(AddressSpace& mm, Pfn pfn, MemoryErrorReport report) {
  PhysMem& phys = mm.system().phys();
  Frame& folio = phys.folio(pfn);
  if (folio.order > 0) {
    return Errno::kEBUSY;  // TODO(#3): split it
  }
  std::optional<GuestAddr> mapped_at;
  bool lost = false;
  {
    LockGuard guard(folio.lock);
    if (folio.hw_poisoned) {
      return Errno::kEFAULT;
    }
    if (InSwapCache(folio) && !mm.system().swap().FreeSwap(pfn)) {
      return Errno::kEBUSY;  // entries elsewhere stand for it
    }
    folio.hw_poisoned = true;
    phys.lru().Remove(pfn);  // reclaim has no business with it
    mapped_at = Unmap(mm, pfn, folio);
    lost = folio.dirty || folio.swap_backed;
  }
  if (lost && mapped_at.has_value()) {
    report(*mapped_at, mm.page_shift().value());
  }
  return kDone;
}

// me_pagecache_clean(): not to be found any more.
void ForgetIfClean(AddressSpace& mm, GuestAddr a) {
  std::shared_ptr<MappedFile> file;
  {
    ReadGuard guard(mm.mmap_lock());
    const Vma* const v = mm.vmas().Find(a);
    file = v == nullptr ? nullptr : v->file;
  }
  if (file != nullptr) {
    file->mapping().DropClean();
  }
}

}  // namespace

ErrnoOr<Done> InjectMemoryErrors(AddressSpace& mm, GuestRange range,
                                 MemoryErrorReport report) {
  for (GuestAddr a = range.start; a < range.end; a += mm.page_shift().bytes()) {
    const ErrnoOr<std::optional<Pfn>> page = GetPage(mm, a);
    if (!page.ok()) {
      return page.error() == Errno::kEINTR ? Errno::kEINTR : Errno::kEFAULT;
    }
    if (!page->has_value()) {
      return Errno::kEBUSY;
    }
    const ErrnoOr<Done> done = Poison(mm, **page, report);
    mm.system().phys().Put(**page);
    FL_TRY(done);
    ForgetIfClean(mm, a);
  }
  return kDone;
}

}  // namespace faultline::mm
