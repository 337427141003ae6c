#ifndef FAULTLINE_PLUGIN_LINUX_FS_LINK_INODE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_LINK_INODE_H_

// LinkInode: a symbolic link of fixed text in a file system that is not
// written to (/proc, /sys).

#include <memory>
#include <string>
#include <utility>

#include "plugin/linux/fs/inode.h"

namespace faultline::os {

class LinkInode final : public Inode {
 public:
  LinkInode(const std::shared_ptr<FileSystem>& fs, std::string target)
      : Inode(fs, fs->NextIno(), kS_IFLNK | 0777), target_(std::move(target)) {}
  ErrnoOr<std::string> ReadLink(const Caller&) override { return target_; }

 private:
  std::string target_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_LINK_INODE_H_
