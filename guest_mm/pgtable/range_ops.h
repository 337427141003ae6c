#ifndef FAULTLINE_GUEST_MM_PGTABLE_RANGE_OPS_H_
#define FAULTLINE_GUEST_MM_PGTABLE_RANGE_OPS_H_

// What the memory calls do to the entries of a range. Each takes the tables'
// locks itself, keeps rss and frame counts, batches its TLB flush and never
// sleeps with a lock held. All need mmap_lock (for writing, unless said).

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

class AddressSpace;

// Drops every page of `range` (inside `vma`): mm/memory.c unmap_page_range().
// Tables stay. mmap_lock for reading is enough (MADV_DONTNEED).
// Guard markers outlive what merely takes pages away; they go with the mapping
// (ZAP_FLAG_DROP_MARKER).
enum class Markers : uint8_t { kKeep, kDrop };
void ZapRange(AddressSpace& mm, Vma& vma, GuestRange range,
              Markers markers = Markers::kKeep);

// Zap for a file's pages being truncated: private copies too if `even_cows`.
// Called with i_mmap_lock and without mmap_lock.
enum class EvenCows : uint8_t { kNo, kYes };
void ZapFileRange(Vma& vma, GuestRange range, EvenCows even_cows);

// Copies `vma`'s entries of `src` to `dst` for fork: private writable pages
// become read-only in both, counts go up (mm/memory.c copy_page_range()).
// kENOMEM leaves a partial copy that ZapRange can take down.
ErrnoOr<Done> CopyPageRange(AddressSpace& dst, Vma& dst_vma, AddressSpace& src,
                            Vma& src_vma);

// Gives present entries the rights of `prot` (mm/mprotect.c
// change_protection()). With a write right, entries become writable where a
// store needs no fault first: exclusive private pages, shared memory. Returns
// the number of base pages changed.
uint64_t ChangeProtection(AddressSpace& mm, Vma& vma, GuestRange range,
                          Prot prot);

// Moves the entries of `from`, inside `vma`, to `to` (mm/mremap.c
// move_page_tables()). Returns the bytes moved; short if a table could not be
// allocated.
uint64_t MovePageTables(AddressSpace& mm, Vma& vma, GuestRange from,
                        GuestAddr to);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_RANGE_OPS_H_
