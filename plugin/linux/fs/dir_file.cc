#include "plugin/linux/fs/dir_file.h"

#include "plugin/linux/fs/regular_file.h"

namespace faultline::os {
namespace {

constexpr uint8_t kDtDir = 4;
constexpr uint64_t kFirstCookie = 2;

}  // namespace

ErrnoOr<uint64_t> DirFile::Read(Task&, absl::Span<std::byte>) {
  return Errno::kEISDIR;
}

ErrnoOr<Done> DirFile::Iterate(Task& task, DirSink sink) {
  return Iterate(CallerOf(task), sink);
}

ErrnoOr<Done> DirFile::Iterate(const Caller& caller, DirSink sink) {
  if (inode()->nlink() == 0) {
    return Errno::kENOENT;
  }
  if (position_ == 0) {
    if (!sink({".", inode()->ino(), kDtDir, 1})) {
      return kDone;
    }
    position_ = 1;
  }
  if (position_ == 1) {
    const Dentry& here = *path()->dentry;
    const Inode& up = here.is_root() ? *here.inode() : *here.parent()->inode();
    if (!sink({"..", up.ino(), kDtDir, kFirstCookie})) {
      return kDone;
    }
    position_ = kFirstCookie;
  }
  inode()->TouchAccess();
  return inode()->ReadDir(caller, position_, sink);
}

ErrnoOr<uint64_t> DirFile::Seek(int64_t offset, int whence) {
  if (whence > 1) {
    return Errno::kEINVAL;  // a directory has no end to seek from
  }
  FL_ASSIGN(position_, SeekTo(offset, whence, position_, 0));
  return position_;
}

}  // namespace faultline::os
