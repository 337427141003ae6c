#ifndef FAULTLINE_GUEST_MM_RMAP_MIGRATION_H_
#define FAULTLINE_GUEST_MM_RMAP_MIGRATION_H_

// Migration entries: marks in place of the entries of pages at which somebody
// is at work, so that nobody reaches them meanwhile. A fault on one waits
// until they are entries again. They are counted as resident, and hold no
// reference. Linux: include/linux/swapops.h, mm/migrate.c
// remove_migration_ptes(), migration_entry_wait().

#include "guest_mm/rmap/rmap_walk.h"
#include "guest_mm/rmap/try_to_unmap.h"

namespace faultline::mm {

// The mark for `from`: TryToUnmap()'s target for this purpose. It keeps what
// the entry said of the page: rights, use, exclusiveness.
Entry MigrationEntry(const UnmappedEntry& from);

// The marks for the frames [first, first + span.pages) become entries again,
// each with a reference of its own, and who waits is woken. `span` is where
// these pages are in the AnonVma, whose lock is held. The folios they belong
// to are locked. With kShared, what holds nothing but zeros is not mapped
// again, but the zero page in its place (RMP_USE_SHARED_ZEROPAGE).
enum class PagesOfZeros : uint8_t { kKept, kShared };
void RemoveMigrationEntries(AnonVma& anon_vma, MemoryManager& system,
                            FolioSpan span, Pfn first,
                            PagesOfZeros zeros = PagesOfZeros::kKept);

// The marks for page `from`, locked and with the index it had, become entries
// that lead to `to`, which is locked, too: the same page, or the frame that the
// page has moved to. Counts and waiters as above; the lock of the lists is
// held.
void RemoveMigrationEntriesTo(AnonVma& anon_vma, MemoryManager& system,
                              Pfn from, Pfn to);
void RemoveMigrationEntriesTo(Mapping& mapping, MemoryManager& system, Pfn from,
                              Pfn to);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RMAP_MIGRATION_H_
