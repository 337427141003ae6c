#ifndef FAULTLINE_GUEST_MM_RECLAIM_SHRINK_FOLIO_H_
#define FAULTLINE_GUEST_MM_RECLAIM_SHRINK_FOLIO_H_

// One folio through reclaim. Linux: the body of mm/vmscan.c
// shrink_folio_list().

#include "guest_mm/base/addr.h"
#include "guest_mm/mm/memory_manager.h"

namespace faultline::mm {

enum class Fate : uint8_t {
  kFreed,     // its frame is free; the caller's reference is gone
  kActivate,  // it is in use, or cannot go: not to be looked at soon
  kKeep,      // it is left as it was
};

// Was it used? kIgnore: it is to go even so (MADV_PAGEOUT).
enum class UseCheck : uint8_t { kHeed, kIgnore };

// Tries to free the folio. The caller has a reference to it and has taken it
// off its LRU list (isolated it); holds no lock of rank 50 or more. The stages:
// lock it, or leave it; ask whether it was used; split it, if it is huge, and
// go on with its first page; give it a place in swap; unmap it everywhere;
// write it; and if then nobody else has it, forget it.
Fate ShrinkFolio(MemoryManager& system, Pfn head, UseCheck check);

// Gives an isolated folio that was not freed its place on the lists back, and
// puts the reference.
void PutBack(MemoryManager& system, Pfn head, Fate fate);

// ShrinkFolio(), and PutBack() of what stays.
Fate ShrinkOrPutBack(MemoryManager& system, Pfn head, UseCheck check);

// Splits an isolated huge folio. Its first page stays isolated, the others are
// on its list. False: it is not huge, or somebody is at work on it.
bool SplitIsolated(MemoryManager& system, Pfn head);

// Takes a folio off its list for ShrinkFolio(), with a reference.
void Isolate(MemoryManager& system, Pfn head);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RECLAIM_SHRINK_FOLIO_H_
