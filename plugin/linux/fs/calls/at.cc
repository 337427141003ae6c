#include "plugin/linux/fs/calls/at.h"

#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {

Caller CallerOf(Task& task) { return {task.cred(), task.fs(), &task}; }

ErrnoOr<std::string> GetPath(Task& task, uint64_t user) {
  return task.user().GetString(user, kPathMax);
}

ErrnoOr<Path> StartOf(Task& task, int dirfd, absl::string_view path) {
  if (dirfd == kAtFdCwd || (!path.empty() && path[0] == '/')) {
    return Path(task.fs().cwd());
  }
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().GetAny(dirfd));
  if (file->path() == nullptr) {
    return Errno::kENOTDIR;
  }
  return Path(*file->path());
}

ErrnoOr<Path> LookupAt(Task& task, int dirfd, uint64_t user_path,
                       int at_flags) {
  std::string path;
  // Since 6.11 a null pointer is an empty path here.
  if (user_path != 0 || (at_flags & kAtEmptyPath) == 0) {
    FL_ASSIGN(path, GetPath(task, user_path));
  }
  if (path.empty() && (at_flags & kAtEmptyPath) != 0) {
    if (dirfd == kAtFdCwd) {
      return Path(task.fs().cwd());
    }
    FL_ASSIGN(const std::shared_ptr<File> file, task.files().GetAny(dirfd));
    return task.kernel().vfs().PathOfFile(file);
  }
  FL_ASSIGN(const Path start, StartOf(task, dirfd, path));
  const Follow follow =
      (at_flags & kAtSymlinkNofollow) != 0 ? Follow::kNo : Follow::kYes;
  return LookupPath(CallerOf(task), start, path, {follow, 0});
}

ErrnoOr<AtPath> GetAtPath(Task& task, int dirfd, uint64_t user_path) {
  AtPath at;
  FL_ASSIGN(at.path, GetPath(task, user_path));
  if (at.path.empty()) {
    return Errno::kENOENT;
  }
  FL_ASSIGN(at.start, StartOf(task, dirfd, at.path));
  return at;
}

}  // namespace faultline::os
