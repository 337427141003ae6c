#include "guest_mm/calls/memory_error.h"

#include <memory>
#include <utility>
#include <vector>

#include "guest_mm/calls/injected_pages.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/rmap/try_to_unmap.h"
#include "guest_mm/thp/split_folio.h"

namespace faultline::mm {
namespace {

// Spaces that mapped the page, each with the first address.
struct Victim {
  std::shared_ptr<AddressSpace> mm;
  GuestAddr address;
};
using Victims = std::vector<Victim>;

// It can be had again from where it came.
bool IsCleanFilePage(const Frame& folio) {
  return folio.use == FrameUse::kPageCache && !folio.swap_backed &&
         !folio.dirty;
}

void Note(AddressSpace& mm, GuestAddr address, Victims* victims) {
  for (const Victim& v : *victims) {
    if (v.mm.get() == &mm) {
      return;
    }
  }
  if (std::shared_ptr<AddressSpace> held = mm.weak_from_this().lock()) {
    victims->push_back({std::move(held), address});
  }
}

// hwpoison_user_mappings(): the page, locked, leaves all spaces.
void Unmap(MemoryManager& system, Pfn pfn, const Frame& folio,
           Victims* victims) {
  const auto target = [&](const UnmappedEntry& from) -> std::optional<Entry> {
    Note(*from.vma.mm, from.address, victims);
    if (IsCleanFilePage(folio)) {
      return Entry::None();
    }
    return Entry{EntryKind::kHwPoison, {}, pfn.value()};
  };
  (void)TryToUnmap(system, pfn, {.ignore_mlock = true, .ignore_pins = true},
                   target);
}

// With the lock of the page's folio. Answers whether something is lost. Whom
// `victims` holds is let go of without the lock: it may be the last who does.
ErrnoOr<bool> PoisonLocked(MemoryManager& system, Pfn pfn, Victims* victims) {
  PhysMem& phys = system.phys();
  if (phys.frame(pfn).hw_poisoned) {
    return Errno::kEFAULT;
  }
  if (phys.folio(pfn).order > 0 && !SplitFolio(system, pfn).ok()) {
    return Errno::kEBUSY;
  }
  Frame& page = phys.frame(pfn);
  if (InSwapCache(page) && !system.swap().FreeSwap(pfn)) {
    return Errno::kEBUSY;  // entries elsewhere stand for it
  }
  page.hw_poisoned = true;
  phys.lru().Remove(pfn);  // reclaim has no business with it
  Unmap(system, pfn, page, victims);
  return page.dirty || page.swap_backed;
}

// memory_failure() for a page that is in use; the reference is the caller's.
ErrnoOr<Done> Poison(MemoryManager& system, Pfn pfn,
                     MemoryErrorReport report) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  PhysMem& phys = system.phys();
  Victims victims;
  // A split leaves the lock to the page that it was asked for.
  phys.folio(pfn).lock.Acquire();
  const ErrnoOr<bool> lost = PoisonLocked(system, pfn, &victims);
  phys.folio(pfn).lock.Release();
  FL_TRY(lost);
  for (const Victim& v : victims) {
    if (*lost) {
      report(*v.mm, v.address, system.page_shift().value());
    }
  }
  return kDone;
}

// me_pagecache_clean(): not to be found any more.
void ForgetIfClean(AddressSpace& mm, GuestAddr a) {
  const std::shared_ptr<MappedFile> file = PlaceAt(mm, a).file;
  if (file != nullptr && !file->is_zero_device()) {
    file->mapping().DropClean();
  }
}

}  // namespace

ErrnoOr<Done> InjectMemoryErrors(AddressSpace& mm, GuestRange range,
                                 MemoryErrorReport report) {
  MemoryManager& system = mm.system();
  return ForEachInjected(mm, range, [&](GuestAddr a, Pfn pfn) -> ErrnoOr<Done> {
    if (system.phys().folio(pfn).use == FrameUse::kHugeTlb) {
      return PoisonHugePage(system, PlaceAt(mm, a), pfn, report);
    }
    if (IsZeroPage(system, pfn)) {
      return Errno::kEBUSY;
    }
    FL_TRY(Poison(system, pfn, report));
    ForgetIfClean(mm, a);
    return kDone;
  });
}

}  // namespace faultline::mm
