#ifndef FAULTLINE_PLUGIN_LINUX_FS_ANON_INODE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_ANON_INODE_H_

// AnonInode: stands for an open file that has no place in the tree (a pipe, an
// eventfd) where a walk ends at it: stat and open of /proc/PID/fd/N.

#include <memory>
#include <utility>

#include "plugin/linux/fs/inode.h"

namespace faultline::os {

class AnonInode final : public Inode {
 public:
  AnonInode(std::shared_ptr<FileSystem> fs, std::shared_ptr<File> file)
      : AnonInode(std::move(fs), file->Stat(), file) {}

  KStat Stat() override { return file_->Stat(); }
  ErrnoOr<std::shared_ptr<File>> Open(const Caller&, const Path&,
                                      uint32_t flags) override {
    return file_->Reopen(flags);
  }

 private:
  AnonInode(std::shared_ptr<FileSystem> fs, const KStat& stat,
            std::shared_ptr<File> file)
      : Inode(std::move(fs), stat.ino, stat.mode), file_(std::move(file)) {
    uid_ = stat.uid;
    gid_ = stat.gid;
  }

  std::shared_ptr<File> file_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_ANON_INODE_H_
