#ifndef FAULTLINE_PLUGIN_LINUX_FS_FS_CONTEXT_H_
#define FAULTLINE_PLUGIN_LINUX_FS_FS_CONTEXT_H_

// FsContext: where a task's paths start, and its umask. Linux: struct
// fs_struct. Shared by clone(CLONE_FS), else copied (copy construction).

#include <cstdint>
#include <utility>

#include "plugin/linux/fs/path.h"

namespace faultline::os {

class FsContext {
 public:
  FsContext(Path root, Path cwd)
      : root_(std::move(root)), cwd_(std::move(cwd)) {}

  const Path& root() const { return root_; }
  const Path& cwd() const { return cwd_; }
  uint32_t umask() const { return umask_; }
  void set_root(Path p) { root_ = std::move(p); }
  void set_cwd(Path p) { cwd_ = std::move(p); }
  void set_umask(uint32_t mask) { umask_ = mask & 0777; }

 private:
  Path root_;
  Path cwd_;
  uint32_t umask_ = 022;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_FS_CONTEXT_H_
