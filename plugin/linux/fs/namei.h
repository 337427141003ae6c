#ifndef FAULTLINE_PLUGIN_LINUX_FS_NAMEI_H_
#define FAULTLINE_PLUGIN_LINUX_FS_NAMEI_H_

// Walking paths, and what changes names. Linux: fs/namei.c, fs/open.c.
//
// `at` is where a relative path starts (the working directory or a
// descriptor's). Every directory walked through needs search permission.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/caller.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/path.h"

namespace faultline::os {

class Vfs;

inline constexpr size_t kPathMax = 4096;  // the NUL included
inline constexpr size_t kNameMax = 255;
inline constexpr int kMaxLinks = 40;

enum class Follow : uint8_t { kNo, kYes };

// openat2(2)'s RESOLVE_* (include/uapi/linux/openat2.h).
inline constexpr uint64_t kResolveNoXdev = 0x01;
inline constexpr uint64_t kResolveNoMagiclinks = 0x02;
inline constexpr uint64_t kResolveNoSymlinks = 0x04;
inline constexpr uint64_t kResolveBeneath = 0x08;
inline constexpr uint64_t kResolveInRoot = 0x10;

struct WalkOptions {
  Follow follow = Follow::kYes;  // a symbolic link at the end
  uint64_t resolve = 0;
};

// What `path` leads to. kENOENT (an empty path too), kENOTDIR, kEACCES,
// kELOOP, kENAMETOOLONG; kEXDEV for RESOLVE_BENEATH and NO_XDEV.
ErrnoOr<Path> LookupPath(const Caller& caller, const Path& at,
                         absl::string_view path,
                         const WalkOptions& options = {});

// openat(2). `flags` are kO_*; `mode` loses the umask here.
struct OpenHow {
  uint32_t flags = 0;
  uint32_t mode = 0;
  uint64_t resolve = 0;
};
ErrnoOr<std::shared_ptr<File>> OpenPath(Vfs& vfs, const Caller& caller,
                                        const Path& at, absl::string_view path,
                                        const OpenHow& how);
// Opens a place already found; O_CREAT and O_EXCL mean nothing here.
ErrnoOr<std::shared_ptr<File>> OpenAt(Vfs& vfs, const Caller& caller,
                                      const Path& path, uint32_t flags);

// For exec: follows links, needs execute permission and a regular file.
// kEACCES.
ErrnoOr<std::shared_ptr<File>> OpenForExec(Vfs& vfs, const Caller& caller,
                                           const Path& at,
                                           absl::string_view path,
                                           Follow follow = Follow::kYes);

// mkdirat, mknodat, symlinkat: makes the last name of `path`. `mode` has the
// type; permissions lose the umask here. kEEXIST, kEROFS, kEPERM (device
// nodes without CAP_MKNOD).
ErrnoOr<Done> MakeNode(const Caller& caller, const Path& at,
                       absl::string_view path, uint32_t mode, DevId rdev = {},
                       absl::string_view target = "");
// unlinkat without and with AT_REMOVEDIR.
ErrnoOr<Done> UnlinkPath(const Caller& caller, const Path& at,
                         absl::string_view path);
ErrnoOr<Done> RemoveDir(const Caller& caller, const Path& at,
                        absl::string_view path);
// linkat: gives `from`, found before, the name `path`.
ErrnoOr<Done> LinkPath(const Caller& caller, const Path& from, const Path& at,
                       absl::string_view path);
// renameat2; `flags` are RENAME_NOREPLACE (1) and RENAME_EXCHANGE (2).
ErrnoOr<Done> RenamePath(const Caller& caller, const Path& old_at,
                         absl::string_view old_path, const Path& new_at,
                         absl::string_view new_path, unsigned flags);

// inode_permission() through a mount: kEROFS for writing where it is
// read-only (devices and fifos excepted).
ErrnoOr<Done> PathPermission(const Caller& caller, const Path& path,
                             unsigned mask);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_NAMEI_H_
