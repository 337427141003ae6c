#ifndef FAULTLINE_PLUGIN_LINUX_FS_PATH_FILE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PATH_FILE_H_

// PathFile: an open file that has a place in the tree, and so an inode and a
// name. Base of regular files, directories, devices and /proc files.

#include <memory>
#include <string>
#include <utility>

#include "plugin/linux/fs/file.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/path.h"

namespace faultline::os {

class PathFile : public File {
 public:
  PathFile(Path path, uint32_t flags) : File(flags), path_(std::move(path)) {}

  const Path* path() const override { return &path_; }
  std::shared_ptr<Inode> inode() const override { return path_.inode(); }
  std::string LinkName() const override { return DPath(path_); }
  void DescriptorClosed(const void* owner) override;
  ~PathFile() override;

 private:
  Path path_;
};

// open(O_PATH): a place only.
class PathOnlyFile final : public PathFile {
 public:
  using PathFile::PathFile;
  PollEvents Poll() override { return kPollNval; }
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PATH_FILE_H_
