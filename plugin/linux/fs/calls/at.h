#ifndef FAULTLINE_PLUGIN_LINUX_FS_CALLS_AT_H_
#define FAULTLINE_PLUGIN_LINUX_FS_CALLS_AT_H_

// What the *at() calls share: fetching a path, and finding where it starts.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/caller.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/syscall/call.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

// include/uapi/linux/fcntl.h.
inline constexpr int kAtFdCwd = -100;
inline constexpr int kAtSymlinkNofollow = 0x100;
inline constexpr int kAtRemovedir = 0x200;
inline constexpr int kAtEaccess = 0x200;
inline constexpr int kAtSymlinkFollow = 0x400;
inline constexpr int kAtNoAutomount = 0x800;
inline constexpr int kAtEmptyPath = 0x1000;
inline constexpr int kAtStatxSync = 0x6000;

// getname(): kEFAULT, kENAMETOOLONG. An empty path is the walk's to refuse.
ErrnoOr<std::string> GetPath(Task& task, uint64_t user);

// Where `path` starts: the root's walk does not care, else the working
// directory or `dirfd`'s place. kEBADF; kENOTDIR for a file without a place.
ErrnoOr<Path> StartOf(Task& task, int dirfd, absl::string_view path);

// The place that (dirfd, path) names under AT_SYMLINK_NOFOLLOW and
// AT_EMPTY_PATH; other bits of `at_flags` do not matter here.
ErrnoOr<Path> LookupAt(Task& task, int dirfd, uint64_t user_path, int at_flags);

// A path and where it starts, fetched: for calls that make or remove names.
struct AtPath {
  std::string path;
  Path start;
};
ErrnoOr<AtPath> GetAtPath(Task& task, int dirfd, uint64_t user_path);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_CALLS_AT_H_
