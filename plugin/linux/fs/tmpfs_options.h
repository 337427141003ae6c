#ifndef FAULTLINE_PLUGIN_LINUX_FS_TMPFS_OPTIONS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_TMPFS_OPTIONS_H_

// The data of mount(2) for a tmpfs. Linux: mm/shmem.c shmem_parse_one().

#include <cstdint>

#include "absl/strings/string_view.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/file/shmem_mount.h"

namespace faultline::os {

struct TmpfsOptions {
  mm::ShmemMount mount;
  // Of the root directory.
  uint32_t mode = 01777;
  uint32_t uid = 0;
  uint32_t gid = 0;
};

// "size=4m,huge=always,mode=700". `ram`: the machine's, of which a size may be
// a share ("size=50%") and of which half is what a mount without one may hold.
// nr_inodes= and mpol= are read and not obeyed. kEINVAL.
ErrnoOr<TmpfsOptions> ParseTmpfsOptions(absl::string_view text,
                                        mm::PageCount ram, mm::PageShift shift);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_TMPFS_OPTIONS_H_
