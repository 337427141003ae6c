#ifndef FAULTLINE_GUEST_MM_MM_LIMITS_H_
#define FAULTLINE_GUEST_MM_MM_LIMITS_H_

// May the space grow by this much? Resource limits, overcommit, locked memory.
// Pure questions: the counts follow the VMAs by themselves (VmaSet).

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/vma_flags.h"

namespace faultline::mm {

// RLIMIT_AS and, for what counts as data, RLIMIT_DATA: may_expand_vm().
bool MayExpandVm(const AddressSpace& mm, VmaFlags flags, PageCount pages);

// Would committing `pages` more keep to /proc/sys/vm/overcommit_memory?
// security_vm_enough_memory_mm(). `pages` may be negative as a difference.
bool EnoughMemory(AddressSpace& mm, int64_t pages);

// RLIMIT_MEMLOCK for `bytes` more of locked memory, if `flags` lock at all:
// mlock_future_ok().
bool MayLock(const AddressSpace& mm, VmaFlags flags, uint64_t bytes);
// May it lock anything? can_do_mlock().
bool CanDoMlock(const AddressSpace& mm);

// accountable_mapping(): private and writable, so each page may be copied.
bool IsAccountable(VmaFlags flags);

// Pages that overcommit_memory=2 lets be committed (CommitLimit).
PageCount CommitLimit(MemoryManager& system);
// RAM less what the boot took for good (MemTotal).
PageCount TotalRam(MemoryManager& system);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_LIMITS_H_
