// Mounts and file-system events. Handlers: plugin/linux/fs.

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"fanotify_init", nullptr, kNone, ""},
    {"fanotify_mark", nullptr, kNone, ""},
    {"fsconfig", nullptr, kNone, ""},
    {"fsmount", nullptr, kNone, ""},
    {"fsopen", nullptr, kNone, ""},
    {"fspick", nullptr, kNone, ""},
    {"inotify_add_watch", nullptr, kNone, ""},
    {"inotify_init", nullptr, kNone, ""},
    {"inotify_init1", nullptr, kNone, ""},
    {"inotify_rm_watch", nullptr, kNone, ""},
    {"listmount", nullptr, kNone, ""},
    {"lookup_dcookie", nullptr, kNone, ""},
    {"mount", SysMount, kPartial,
     "tmpfs, hugetlbfs; others are made by --bind"},
    {"mount_setattr", nullptr, kNone, ""},
    {"move_mount", nullptr, kNone, ""},
    {"name_to_handle_at", nullptr, kNone, ""},
    {"nfsservctl", nullptr, kNone, ""},
    {"open_by_handle_at", nullptr, kNone, ""},
    {"open_tree", nullptr, kNone, ""},
    {"pivot_root", nullptr, kNone, ""},
    {"quotactl", nullptr, kNone, ""},
    {"quotactl_fd", nullptr, kNone, ""},
    {"statmount", nullptr, kNone, ""},
    {"sysfs", nullptr, kNone, ""},
    {"umount2", SysUmount2, kFull, ""},
};

}  // namespace

absl::Span<const SyscallSpec> MountsCalls() { return kCalls; }

}  // namespace faultline::os
