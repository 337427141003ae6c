#ifndef FAULTLINE_PLUGIN_LINUX_FS_HUGETLBFS_OPTIONS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_HUGETLBFS_OPTIONS_H_

// The data of mount(2) for a hugetlbfs. Linux: fs/hugetlbfs/inode.c
// hugetlbfs_parse_param(), hugetlbfs_validate().

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/hugetlb/hugetlb.h"

namespace faultline::os {

struct HugetlbfsOptions {
  mm::HugePagePool* pool = nullptr;    // pagesize=; never null once parsed
  mm::HugePageSubpool::Limits limits;  // size=, min_size=, in huge pages
  // Of the root directory.
  uint32_t mode = 0755;
  uint32_t uid = 0;
  uint32_t gid = 0;

  // As /proc/mounts shows them: ",uid=5,pagesize=2M,size=4194304".
  std::string Show() const;
};

// "pagesize=2M,size=50%,min_size=4m,mode=700,uid=5". A share is one of the
// pool's pages as it is now; sizes are rounded down to huge pages. nr_inodes=
// is read and not obeyed. kEINVAL.
ErrnoOr<HugetlbfsOptions> ParseHugetlbfsOptions(absl::string_view text,
                                                const mm::Hugetlb& hugetlb);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_HUGETLBFS_OPTIONS_H_
