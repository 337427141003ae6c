#ifndef FAULTLINE_GUEST_MM_RMAP_MIGRATE_PAGE_H_
#define FAULTLINE_GUEST_MM_RMAP_MIGRATE_PAGE_H_

// From one frame to another, without anybody noticing: of a page of its own,
// anonymous or a file's. Linux: mm/migrate.c migrate_folio_unmap(),
// migrate_folio_move().
//
// Life of a migration: the page is taken off its list -> every entry becomes
// the mark of a page being moved (migration.h), where faults wait -> references
// are counted: one too many is somebody who may still write, and all becomes as
// it was -> bytes and what is known of the page are copied, and page cache or
// swap cache led to the new frame -> the marks become entries of the new frame.

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

// All entries are marks; the references are about to be counted.
inline constexpr PointSite kMigrateUnmappedPoint{"migrate.unmapped"};

// Moves what is in frame `old`, a folio of one page that is on a list; the
// caller holds its lock and a reference, and has both afterwards, of a frame
// that is nobody's then. kENOMEM: no frame to move to; kEAGAIN: it is pinned,
// or in use by somebody else; kEBUSY: it is on no list. Then nothing has
// changed. Counted.
ErrnoOr<Done> MigratePage(MemoryManager& system, Pfn old);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RMAP_MIGRATE_PAGE_H_
