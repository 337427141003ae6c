#ifndef FAULTLINE_GUEST_MM_RMAP_RMAP_WALK_H_
#define FAULTLINE_GUEST_MM_RMAP_RMAP_WALK_H_

// From a folio back to the entries that map it, in two steps: the VMAs that
// may (RmapWalk), and their entries that do (VisitEntries). Linux: mm/rmap.c
// rmap_walk(), mm/page_vma_mapped.c page_vma_mapped_walk().
//
// A VMA stays in its lists, and its tables stay in the tree, as long as the
// lock of the lists is held: the AnonVma's, or the file's i_mmap lock.

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/anon_vma.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// Where a folio's pages lie in what it belongs to: the linear pages of an
// AnonVma, or a file's.
struct FolioSpan {
  uint64_t first = 0;
  uint64_t pages = 0;
};
FolioSpan SpanOf(const Frame& folio);

// A VMA, and where in it the pages would be: whole base pages, never empty.
// False ends the walk.
using VmaVisitor = absl::FunctionRef<bool(Vma& vma, GuestRange range)>;

// Each VMA that may map a page of the folio with head `head`: parents before
// children, so that no fork hides an entry from the walk. Takes the lock, for
// reading if it is an AnonVma's. The folio is locked and stays what it is.
// False if a visit was. A folio that no VMA maps has none to visit.
bool RmapWalk(PhysMem& phys, Pfn head, VmaVisitor visit);

// The same for those who hold the lock of the lists already, and for a folio
// that is mapped no more, whose AnonVma was held (AnonVma::Hold()) before.
bool RmapWalkLocked(AnonVma& anon_vma, FolioSpan span, VmaVisitor visit);
bool RmapWalkLocked(Mapping& mapping, FolioSpan span, VmaVisitor visit);

// The entries for `range` of `vma` that lead to any of `pages` frames from
// `first` on: present ones, or those that say that the page is being moved.
// An entry at the huge level is visited once. `visit` has the table's lock, may
// Set() the entry, and must not come to another lock. False ends it, and is
// returned.
enum class Seek : uint8_t { kPresent, kMigration };
using EntryVisitor = absl::FunctionRef<bool(const EntryRef& r, const Entry& e)>;
bool VisitEntries(Vma& vma, GuestRange range, Pfn first, uint64_t pages,
                  Seek seek, EntryVisitor visit);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RMAP_RMAP_WALK_H_
