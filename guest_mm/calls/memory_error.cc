#include "guest_mm/calls/memory_error.h"

#include <optional>
#include <vector>

#include "guest_mm/file/mapping.h"
#include "guest_mm/gup/gup.h"
#include "guest_mm/rmap/try_to_unmap.h"

namespace faultline::mm {
namespace {

// The page at `a` with a reference for the caller; nothing for the page of
// zeros, which no error can take away.
ErrnoOr<std::optional<Pfn>> GetPage(AddressSpace& mm, GuestAddr a) {
  std::vector<Pfn> pages;
  FL_TRY(GetUserPagesFast(mm, a, 1, {}, &pages));
  if (IsZeroPage(mm.system(), pages.front())) {
    return std::optional<Pfn>();
  }
  return std::optional<Pfn>(pages.front());
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
  (void)TryToUnmap(mm.system(), pfn,
                   {.ignore_mlock = true, .ignore_pins = true}, target);
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
