#ifndef FAULTLINE_GUEST_MM_PGTABLE_TAGGED_H_
#define FAULTLINE_GUEST_MM_PGTABLE_TAGGED_H_

#include <optional>

#include "guest_mm/pgtable/page_table.h"
#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {

// The byte that `a` leads to, if its page is there and has memory tags
// (EntryFlag::kMte), whatever its rights. Sets no bits, takes no locks.
inline std::optional<PhysAddr> TaggedAt(const PageTable& table, GuestAddr a) {
  const EntryRef r = table.Walk(a);
  const Entry e = table.Get(r);
  if (!e.present() || !e.flags.has(EntryFlag::kMte)) {
    return std::nullopt;
  }
  const uint64_t offset =
      a.value() & (table.arch().geometry().EntryBytes(r.level) - 1);
  return e.pfn().ToPhys(table.phys().page_shift()) + offset;
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_TAGGED_H_
