#ifndef FAULTLINE_GUEST_MM_FILE_SHMEM_MOUNT_H_
#define FAULTLINE_GUEST_MM_FILE_SHMEM_MOUNT_H_

// ShmemMount: what the files of one tmpfs have in common. Linux: struct
// shmem_sb_info (include/linux/shmem_fs.h). Memory files, shared anonymous and
// SysV shared memory are of the kernel's own mount, which MemoryManager has.

#include <cstdint>

#include "guest_mm/base/addr.h"

namespace faultline::mm {

// The mount option huge=: when a file's absent page comes as a part of a huge
// one. kWithinSize: if all of that lies before the file's end; it and kAdvise:
// if a mapping asked for it with MADV_HUGEPAGE.
enum class HugeOption : uint8_t { kNever, kAlways, kWithinSize, kAdvise };

struct ShmemMount {
  HugeOption huge = HugeOption::kNever;
  // The option size=, and how much of it is taken, in memory or swap.
  PageCount most{~uint64_t{0}};
  PageCount used;

  // shmem_inode_acct_blocks(). False: there is no room for so many.
  bool Take(PageCount pages) {
    if (pages > most || used > most - pages) {
      return false;
    }
    used += pages;
    return true;
  }
  void Give(PageCount pages) { used -= pages; }
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FILE_SHMEM_MOUNT_H_
