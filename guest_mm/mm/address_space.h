#ifndef FAULTLINE_GUEST_MM_MM_ADDRESS_SPACE_H_
#define FAULTLINE_GUEST_MM_MM_ADDRESS_SPACE_H_

// AddressSpace: one process's memory. Linux: struct mm_struct. Owned by
// shared_ptr: threads of a process share it, /proc readers keep it alive.
//
// It is state and the locks over it; what is done to it is free functions, an
// operation a file: guest_mm/calls/ (mmap, mremap, ...), guest_mm/fault/,
// guest_mm/pgtable/.
//
// Lock order: mmap_lock, then i_mmap, then page locks, then pte locks
// (docs/locking.md).

#include <cstdint>
#include <memory>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/pgtable/page_table.h"
#include "guest_mm/sync/lock.h"
#include "guest_mm/vma/vma_set.h"

namespace faultline::mm {

inline constexpr LockClass kMmapLock{
    "mmap_lock",
    {"mmap_lock.locked"},
    {"mmap_lock.unlocked"},
    10,
    true,  // fork holds the child's inside the parent's
    WhileHeld::kMaySleep,
    {"mmap_lock.try", "a trylock of mmap_lock finds somebody else has it"}};

// RLIM_INFINITY.
inline constexpr uint64_t kNoLimit = ~uint64_t{0};

// The process's resource limits that mappings are held to, in bytes. The OS
// personality keeps them up to date.
struct MmLimits {
  uint64_t as = kNoLimit;
  uint64_t data = kNoLimit;
  uint64_t stack = 8ull << 20;
  uint64_t memlock = 8ull << 20;
  bool can_exceed_memlock = true;  // CAP_IPC_LOCK
  bool can_map_low = true;         // CAP_SYS_RAWIO: below mmap_min_addr
};

// Resident pages by kind (mm_counter). Validate() compares with a full walk.
struct Rss {
  PageCount anon;
  PageCount file;
  PageCount shmem;
  PageCount swap;
  PageCount hugetlb;  // counted apart: not a part of what is resident
  PageCount total() const { return anon + file + shmem; }
};

class AddressSpace : public std::enable_shared_from_this<AddressSpace> {
 public:
  // An empty space with a root table. kENOMEM.
  static ErrnoOr<std::shared_ptr<AddressSpace>> Create(MemoryManager& mm);
  // exit_mmap(): unmaps everything and frees the tables.
  ~AddressSpace();

  MemoryManager& system() const { return system_; }
  PageShift page_shift() const { return system_.page_shift(); }
  // Unique in the machine, in order of creation.
  uint64_t id() const { return id_; }

  RwLock& mmap_lock() ABSL_LOCK_RETURNED(mmap_lock_) { return mmap_lock_; }
  VmaSet& vmas() { return vmas_; }
  const VmaSet& vmas() const { return vmas_; }
  PageTable& page_table() { return page_table_; }
  const PageTable& page_table() const { return page_table_; }

  Rss rss;
  // Mapped pages by kind (total_vm and friends), kept by VmaSet changes.
  PageCount total_vm, data_vm, exec_vm, stack_vm, locked_vm;
  // What mremap() has left in locked_vm that is not locked.
  PageCount stale_locked_vm;
  PageCount hiwater_rss, hiwater_vm;
  PageCount pinned_vm;
  // What mlockall(MCL_FUTURE) adds to new mappings.
  VmaFlags def_flags;
  // kSoftDirty where the architecture has it: every mapping starts with it.
  VmaFlags soft_dirty;
  MmLimits limits;
  // prctl(PR_SET_THP_DISABLE): no huge pages here; fork and exec keep it.
  bool thp_disabled = false;
  // On khugepaged's list of spaces to scan (MMF_VM_HUGEPAGE).
  bool in_khugepaged = false;

  // Somebody has pinned pages here (MMF_HAS_PINNED): fork asks which.
  bool has_pinned = false;
  // Odd while fork takes rights away from this space's entries: a pin that
  // takes no lock must not be had meanwhile (mm.write_protect_seq).
  uint64_t write_protect_seq = 0;

  // Its owners are being killed, and what was only theirs has been taken:
  // nobody can fault it back in (MMF_UNSTABLE), and killing them once more
  // brings nothing (MMF_OOM_SKIP).
  bool unstable = false;
  bool oom_skip = false;

  // Set by the loader (prctl PR_SET_MM may move them).
  GuestAddr start_code, end_code, start_data, end_data;
  GuestAddr start_brk, brk, start_stack;
  GuestAddr arg_start, arg_end, env_start, env_end;
  GuestAddr mmap_base;  // top-down search starts under it

  // For tests and after-step checks: every invariant, counts against a full
  // walk of the tables. Dies on a broken one.
  void Validate() const;

 private:
  AddressSpace(MemoryManager& system, PageTable table);

  MemoryManager& system_;
  uint64_t id_;
  // Linux: mm_struct.mmap_lock.
  RwLock mmap_lock_{kMmapLock};
  VmaSet vmas_ ABSL_GUARDED_BY(mmap_lock_);
  PageTable page_table_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_ADDRESS_SPACE_H_
