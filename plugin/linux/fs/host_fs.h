#ifndef FAULTLINE_PLUGIN_LINUX_FS_HOST_FS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_HOST_FS_H_

// Bound host paths (--bind, and the program itself).
//
// Nothing but the bound tree can be reached: the host is only ever asked for
// one name at a time, relative to a descriptor of the directory it is in, and
// never follows a symbolic link (O_NOFOLLOW) or "..": both are the guest's
// walk to interpret, within the guest's own tree.
//
// What the guest sees of the host: names, types, permissions, sizes, contents;
// of what is bound for writing also times, blocks and link counts. Owners are
// shown as root; inode numbers are given in order of first sight; directories
// are listed by name.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/path.h"

namespace faultline::mm {
class PhysMem;
}

namespace faultline::os {

// The inode of host path `path`, a directory or a regular file. With
// ReadOnly::kYes no host descriptor is ever opened for writing. NotFound,
// PermissionDenied; InvalidArgument for other types.
absl::StatusOr<std::shared_ptr<Inode>> OpenHostRoot(const std::string& path,
                                                    ReadOnly read_only,
                                                    DevId dev,
                                                    const FsClock& clock,
                                                    mm::PhysMem& phys);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_HOST_FS_H_
