#include "guest_mm/fault/file_page.h"

#include <algorithm>

#include "guest_mm/fault/page_lock.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/rmap.h"

namespace faultline::mm {
namespace {

// The window of fault-around (fault_around_bytes), aligned to its size.
constexpr uint64_t kAroundBytes = 64 << 10;

uint64_t EndIndex(const VmFault& f) {
  return PageCount::ToHold(f.vma.file->mapping().size(), f.mm.page_shift())
      .value();
}

// Cached, complete, and nobody is at work on it.
bool ReadyToMap(const Frame& frame) {
  return frame.uptodate && !frame.lock.locked() && !frame.hw_poisoned;
}

// The pages of the window that lie in the VMA, under one table and before the
// file's end, as file indices.
struct Window {
  uint64_t first;
  uint64_t end;
};
Window WindowOf(const VmFault& f) {
  const PageShift shift = f.mm.page_shift();
  const uint64_t table_bytes = f.arch().geometry().EntryBytes(1);
  const uint64_t bytes = std::max(kAroundBytes, shift.bytes());
  const GuestAddr from = f.address.AlignDown(bytes);
  const GuestAddr low =
      std::max({from, f.vma.range.start, f.address.AlignDown(table_bytes)});
  const GuestAddr high =
      std::min({from + bytes, f.vma.range.end,
                f.address.AlignDown(table_bytes) + table_bytes});
  const uint64_t first = f.vma.PageIndex(low, shift);
  return {first,
          std::min(first + ((high - low) >> shift.value()), EndIndex(f))};
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
    page->major = page->major || mapping.MustRead(f.index);
    const ErrnoOr<Pfn> found = mapping.FindOrCreate(f.index);
    if (!found.ok()) {
      *result = FaultError(found.error());
      return false;
    }
    page->pfn = *found;
    Frame& frame = f.phys().frame(page->pfn);
    if (!LockPageOrRetry(f, frame)) {
      f.phys().Put(page->pfn);
      *result = VmFaultResult::Of(VmFaultResult::Kind::kRetry);
      return false;
    }
    if (frame.hw_poisoned) {
      ReleaseFilePage(f, *page);
      *result = VmFaultResult::Poisoned(f.mm.page_shift());
      return false;
    }
    // Truncated while we waited? Then look again.
    if (frame.mapping == &mapping && f.index < EndIndex(f)) {
      return true;
    }
    ReleaseFilePage(f, *page);
  }
}

void ReleaseFilePage(VmFault& f, const LockedFilePage& page)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  f.phys().frame(page.pfn).lock.Release();
  f.phys().Put(page.pfn);
}

bool MapAround(VmFault& f) {
  const Mapping& mapping = f.vma.file->mapping();
  const EntryFlags young = PageProt(f.arch(), f.vma).with(EntryFlag::kYoung);
  const EntryFlags around = f.arch().fault_policy().prefaulted_young
                                ? young
                                : young.without(EntryFlag::kYoung);
  LockGuard guard(f.ptl());
  const Window window = WindowOf(f);
  bool mapped = false;
  for (uint64_t i = window.first; i < window.end; ++i) {
    const Pfn* const pfn = mapping.Find(i);
    if (pfn == nullptr || !ReadyToMap(f.phys().frame(*pfn))) {
      continue;
    }
    EntryRef entry = f.entry;  // the window lies under one table
    entry.word += int64_t(i) - int64_t(f.index);
    entry.address = f.address + (i - f.index) * f.mm.page_shift().bytes();
    if (*entry.word != 0) {
      continue;
    }
    f.phys().Get(*pfn);
    AddFileRmap(f.mm, *pfn);
    f.table().Set(entry, Entry::Page(*pfn, i == f.index ? young : around));
    mapped = mapped || i == f.index;
  }
  return mapped;
}

}  // namespace faultline::mm
