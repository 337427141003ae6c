#ifndef FAULTLINE_PLUGIN_LINUX_FS_PATH_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PATH_H_

// Path: a place in the tree: a dentry as seen through a mount. Linux: struct
// path. Mount: a file system (or a part of one) attached at a place; there is
// one mount namespace. A mount is not taken away while a dentry of it is in use
// besides its root's own; so whoever holds a Path has its mount.

#include <memory>
#include <string>

#include "plugin/linux/fs/dentry.h"

namespace faultline::os {

class FileSystem;

enum class ReadOnly : uint8_t { kNo, kYes };

struct Mount;

struct Path {
  Mount* mount = nullptr;
  std::shared_ptr<Dentry> dentry;

  bool operator==(const Path&) const = default;
  const std::shared_ptr<Inode>& inode() const { return dentry->inode(); }
};

struct Mount {
  int id = 0;                    // mountinfo's first field
  Mount* parent = nullptr;       // null: the root mount
  Path mountpoint;               // in the parent; empty for the root mount
  std::shared_ptr<Dentry> root;  // what is seen there
  ReadOnly read_only = ReadOnly::kNo;
  std::string source;  // "tmpfs", "proc", a bind's host path
  std::shared_ptr<FileSystem> fs;
};

// The name of `path` as seen from `root`: "/a/b"; "/a/b (deleted)" for what was
// unlinked; "(unreachable)/b" if it is not below `root`. d_path().
std::string DPath(const Path& path, const Path& root);
// As seen from the machine's root.
std::string DPath(const Path& path);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PATH_H_
