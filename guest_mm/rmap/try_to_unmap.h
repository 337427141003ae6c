#ifndef FAULTLINE_GUEST_MM_RMAP_TRY_TO_UNMAP_H_
#define FAULTLINE_GUEST_MM_RMAP_TRY_TO_UNMAP_H_

// Takes a folio's entries away wherever they are, and puts in their place what
// the caller says: a swap slot, the mark of a page that is being moved, or
// nothing for what a fault reads again from its file. Linux: mm/rmap.c
// try_to_unmap(), try_to_migrate().

#include <optional>

#include "absl/functional/function_ref.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/rmap/rmap_walk.h"

namespace faultline::mm {

// A level-0 entry that has just been cleared.
struct UnmappedEntry {
  Vma& vma;
  GuestAddr address;
  Pfn page;
  Entry entry;             // what it was
  bool exclusive = false;  // of an anonymous page: no other entry leads to it
};

// What takes its place: Entry::None(), a kSwap or a kMigration entry. Nothing:
// it cannot be spared; it is put back and the work ends. Called under the
// table's lock: must not come to another lock, nor allocate.
using UnmapTarget =
    absl::FunctionRef<std::optional<Entry>(const UnmappedEntry& from)>;

// Linux: TTU_* flags.
struct UnmapOptions {
  bool ignore_mlock = false;  // else a VMA under mlock() ends the work
  bool split_huge = false;    // else an entry of the huge level does
  bool ignore_pins = false;   // else a page that may be pinned does
};

// Each entry of a page of the folio goes: the TLB is flushed, its dirty bit
// becomes the folio's, its reference is dropped, and the counts follow what
// comes in its place (a page that is being moved stays resident). The caller
// holds a reference and the folio's lock; i_mmap_lock or the AnonVma's lock is
// taken. True if no entry is left; what had gone before a failure has gone.
bool TryToUnmap(MemoryManager& system, Pfn head, UnmapOptions options,
                UnmapTarget target);
// The same for those who hold the AnonVma's lock, or i_mmap_lock, already.
bool TryToUnmapLocked(AnonVma& anon_vma, MemoryManager& system, Pfn head,
                      UnmapOptions options, UnmapTarget target);
bool TryToUnmapLocked(Mapping& mapping, MemoryManager& system, Pfn head,
                      UnmapOptions options, UnmapTarget target);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RMAP_TRY_TO_UNMAP_H_
