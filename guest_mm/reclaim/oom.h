#ifndef FAULTLINE_GUEST_MM_RECLAIM_OOM_H_
#define FAULTLINE_GUEST_MM_RECLAIM_OOM_H_

// When reclaim brings nothing: the memory manager's part of the OOM killer.
// Who dies, and how, is the OS personality's business. Linux: mm/oom_kill.c.

#include <cstdint>
#include <optional>

#include "guest_mm/mm/address_space.h"
#include "guest_mm/phys/memory_pressure.h"

namespace faultline::mm {

class OomHandler {
 public:
  virtual ~OomHandler() = default;
  // Reclaim has found nothing for `what`. True: somebody is dying, and it is
  // worth trying again (out_of_memory()). Called by the actor that allocates,
  // which may be made to wait, holding no lock of rank 50 or more.
  virtual bool OutOfMemory(const FailedAllocation& what) = 0;
};

// How much the end of a process with this space would free, in pages, moved by
// its oom_score_adj; nothing for one that must not be killed, or that has been
// reaped (oom_badness()).
std::optional<int64_t> OomBadness(const AddressSpace& mm, int score_adj);
// RAM and swap, in pages: what 1000 points of oom_score_adj are.
PageCount OomTotalPages(MemoryManager& system);

// Takes what only the dying use out of a space whose owners are all being
// killed: private memory, here and in swap. They cannot have it back: a fault
// there is a bus error from now on (__oom_reap_task_mm()). mmap_lock is held,
// for reading at least.
void OomReapLocked(AddressSpace& mm);
// The same if the lock can be had at once. False: not now.
bool OomReap(AddressSpace& mm);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RECLAIM_OOM_H_
