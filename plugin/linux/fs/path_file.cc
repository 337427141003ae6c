#include "plugin/linux/fs/path_file.h"

#include "plugin/linux/fs/file_locks.h"

namespace faultline::os {

// locks_remove_posix(): any close of the file by its owner gives up the
// owner's record locks, however many descriptors are left.
void PathFile::DescriptorClosed(const void* owner) {
  if (inode()->has_locks()) {
    inode()->locks().Clear(FileLocks::Kind::kRecord, owner);
  }
}

// locks_remove_file(): flock and OFD locks belong to the open file.
PathFile::~PathFile() {
  if (inode()->has_locks()) {
    inode()->locks().Clear(FileLocks::Kind::kRecord, this);
    inode()->locks().Clear(FileLocks::Kind::kFlock, this);
  }
}

}  // namespace faultline::os
