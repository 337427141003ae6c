#include "guest_mm/fault/file_page.h"

#include <algorithm>
#include <optional>

#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/fault/page_lock.h"
#include "guest_mm/fault/whole_folio.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/thp/huge_fault.h"
#include "guest_mm/uffd/handle_userfault.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

// The window of fault-around (fault_around_bytes).
constexpr uint64_t kAroundBytes = 64 << 10;

uint64_t EndIndex(const VmFault& f) {
  return PageCount::ToHold(f.vma.file->mapping().size(), f.mm.page_shift())
      .value();
}

// Cached, complete, and nobody is at work on it.
bool ReadyToMap(const PhysMem& phys, Pfn pfn) {
  const Frame& folio = phys.folio(pfn);
  return folio.uptodate && !folio.lock.locked() && !phys.frame(pfn).hw_poisoned;
}

// It starts where addresses are aligned to its size or with the VMA, whichever
// comes later. Of it, as file indices, the pages that lie in the VMA, under one
// table and before the file's end.
struct Window {
  uint64_t first;
  uint64_t end;
};
Window WindowOf(const VmFault& f) {
  const PageShift shift = f.mm.page_shift();
  const uint64_t table_bytes = f.arch().geometry().HugeBytes();
  const uint64_t bytes = std::max(kAroundBytes, shift.bytes());
  const GuestAddr table = f.address.AlignDown(table_bytes);
  const GuestAddr low =
      std::max({f.address.AlignDown(bytes), f.vma.range.start, table});
  const GuestAddr high =
      std::min({low + bytes, f.vma.range.end, table + table_bytes});
  const uint64_t first = f.vma.PageIndex(low, shift);
  return {first,
          std::min(first + ((high - low) >> shift.value()), EndIndex(f))};
}

// The first page in the window that can be mapped, or null.
const Pfn* FirstReady(const VmFault& f, const Window& window) {
  const Mapping& mapping = f.vma.file->mapping();
  for (uint64_t i = window.first; i < window.end; ++i) {
    const Pfn* const pfn = mapping.Find(i);
    if (pfn != nullptr && ReadyToMap(f.phys(), *pfn)) {
      return pfn;
    }
  }
  return nullptr;
}

// All of the folio that the window is in, where that is to be mapped.
Window Widened(const VmFault& f, const Window& window) {
  if (!AroundMayMapFolio(f)) {
    return window;
  }
  const Pfn* const ready = FirstReady(f, window);
  if (ready == nullptr || !AroundMapsFolio(f, *ready)) {
    return window;
  }
  const Frame& folio = f.phys().folio(*ready);
  return {folio.index, folio.index + (uint64_t{1} << folio.order)};
}

// shmem_get_folio_gfp(): is somebody to be told of a page that the file has
// (minor) or has not (missing)?
std::optional<UffdReason> ToldOf(const VmFault& f) {
  if (!IsShmem(f.vma) || !UffdArmed(f.vma)) {
    return std::nullopt;
  }
  const Mapping& mapping = f.vma.file->mapping();
  const bool has = mapping.Find(f.index) != nullptr ||
                   mapping.SwapSlotOf(f.index).has_value();
  if (has ? UffdMinor(f.vma) : UffdMissing(f.vma)) {
    return has ? UffdReason::kMinor : UffdReason::kMissing;
  }
  return std::nullopt;
}

}  // namespace

bool GetLockedFilePage(VmFault& f, LockedFilePage* page,
                       VmFaultResult* result) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Mapping& mapping = f.vma.file->mapping();
  for (;;) {
    if (f.index >= EndIndex(f)) {
      *result = VmFaultResult::Of(VmFaultResult::Kind::kBusError);
      return false;
    }
    if (const auto reason = ToldOf(f)) {
      *result = HandleUserfault(f, *reason);
      return false;
    }
    page->major = page->major || mapping.MustRead(f.index);
    const ErrnoOr<Pfn> found = mapping.FindOrCreate(f.index, &f.vma);
    if (!found.ok()) {
      *result = FaultError(found.error());
      return false;
    }
    page->pfn = *found;
    Frame& folio = f.phys().folio(page->pfn);
    if (!LockPageOrRetry(f, folio)) {
      f.phys().Put(page->pfn);
      *result = VmFaultResult::Of(VmFaultResult::Kind::kRetry);
      return false;
    }
    if (f.phys().frame(page->pfn).hw_poisoned) {
      ReleaseFilePage(f, *page);
      *result = VmFaultResult::Poisoned(f.mm.page_shift());
      return false;
    }
    // Truncated while we waited? Then look again.
    if (folio.mapping == &mapping && f.index < EndIndex(f)) {
      return true;
    }
    ReleaseFilePage(f, *page);
  }
}

void ReleaseFilePage(VmFault& f, const LockedFilePage& page)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  f.phys().folio(page.pfn).lock.Release();
  f.phys().Put(page.pfn);
}

void SetFileEntry(VmFault& f, const EntryRef& entry, Pfn pfn,
                  EntryFlags flags) {
  f.phys().Get(pfn);
  AddFileRmap(f.mm, pfn);
  MlockVmaPage(f.vma, pfn);
  f.table().Set(entry, Entry::Page(pfn, flags));
}

bool MapAround(VmFault& f, VmFaultResult* result) {
  if (f.vma.file->counts_vmas()) {
    return false;
  }
  const Mapping& mapping = f.vma.file->mapping();
  const EntryFlags young = PageProt(f.arch(), f.vma).with(EntryFlag::kYoung);
  const EntryFlags around = f.arch().fault_policy().prefaulted_young
                                ? young
                                : young.without(EntryFlag::kYoung);
  if (f.entry.level > 0) {
    const Pfn* const ready = FirstReady(f, WindowOf(f));
    if (ready == nullptr) {
      return false;  // what will be read may be huge
    }
    if (MapHugeFile(f, *ready, young) || !EnterLevel(f, 0, result)) {
      return true;
    }
    f.orig = Entry::None();  // what others have mapped there since is news
  }
  LockGuard guard(f.ptl());
  if (!StillInTree(f.table(), f.entry)) {
    return false;
  }
  const Window window = Widened(f, WindowOf(f));
  bool mapped = false;
  for (uint64_t i = window.first; i < window.end; ++i) {
    const Pfn* const pfn = mapping.Find(i);
    if (pfn == nullptr || !ReadyToMap(f.phys(), *pfn)) {
      continue;
    }
    EntryRef entry = f.entry;  // the window lies under one table
    entry.word += int64_t(i) - int64_t(f.index);
    entry.address = f.address + (i - f.index) * f.mm.page_shift().bytes();
    if (*entry.word != 0) {
      continue;
    }
    SetFileEntry(f, entry, *pfn, i == f.index ? young : around);
    mapped = mapped || i == f.index;
  }
  return mapped;
}

}  // namespace faultline::mm
