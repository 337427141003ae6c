#ifndef FAULTLINE_PLUGIN_LINUX_FS_DIR_FILE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_DIR_FILE_H_

// DirFile: an opened directory. Linux: dcache_dir_open() and iterate_dir().
// Its position is the cookie of the next entry: 0 is ".", 1 is "..", the rest
// are the inode's own, so entries made or removed meanwhile disturb nothing.

#include "plugin/linux/fs/path_file.h"

namespace faultline::os {

class DirFile final : public PathFile {
 public:
  using PathFile::PathFile;

  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override;
  ErrnoOr<Done> Iterate(Task& task, DirSink sink) override;
  // Without a task (tests): as root of the machine.
  ErrnoOr<Done> Iterate(const Caller& caller, DirSink sink);
  ErrnoOr<uint64_t> Seek(int64_t offset, int whence) override;
  ErrnoOr<Done> Sync(Task&) override { return kDone; }
  uint64_t position() const override { return position_; }

 private:
  uint64_t position_ = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_DIR_FILE_H_
