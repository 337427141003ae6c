#include "guest_mm/file/invalidate.h"

#include <optional>

#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/rmap/try_to_unmap.h"

namespace faultline::mm {
namespace {

std::optional<Entry> Nothing(const UnmappedEntry&) { return Entry::None(); }

// invalidate_complete_folio2(). Owns a reference to the page.
bool InvalidatePage(MemoryManager& system, Mapping& mapping, Pfn pfn) {
  if (system.phys().folio(pfn).order > 0) {
    return false;  // part of a huge page: code that is only read
  }
  Frame& page = system.phys().frame(pfn);
  LockGuard guard(page.lock);
  if (page.mapping != &mapping) {
    return true;  // truncated meanwhile
  }
  return TryToUnmap(system, pfn, {.ignore_mlock = true}, Nothing) &&
         mapping.WritePage(pfn).ok() && mapping.DropPage(pfn);
}

}  // namespace

bool InvalidatePages(MemoryManager& system, Mapping& mapping, uint64_t offset,
                     uint64_t length) {
  const int shift = system.page_shift().value();
  const uint64_t last = (offset + length - 1) >> shift;
  uint64_t index = offset >> shift;
  while (length > 0 && index <= last) {
    const std::optional<uint64_t> next = mapping.NextPage(index);
    if (!next.has_value() || *next > last) {
      break;
    }
    index = *next + 1;
    const Pfn* const found = mapping.Find(*next);
    if (found == nullptr) {
      continue;
    }
    const Pfn pfn = *found;
    system.phys().Get(pfn);
    const bool gone = InvalidatePage(system, mapping, pfn);
    system.phys().Put(pfn);
    if (!gone) {
      return false;
    }
  }
  return true;
}

}  // namespace faultline::mm
