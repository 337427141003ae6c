// sendfile, copy_file_range. Linux: fs/read_write.c, fs/splice.c.

#include <algorithm>
#include <optional>
#include <vector>

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/file_position.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/iov_iter.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

SyscallResult SysSendfile(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> in, task.files().Get(args.Int(1)));
  if (!in->readable()) {
    return Errno::kEBADF;
  }
  FL_ASSIGN(FilePosition from, FilePosition::Fetch(task, *in, args.Ptr(2)));
  FL_ASSIGN(const std::shared_ptr<File> out, task.files().Get(args.Int(0)));
  if (!out->writable()) {
    return Errno::kEBADF;
  }
  const uint32_t type = in->Stat().mode & kS_IFMT;
  if ((type != kS_IFREG && type != kS_IFCHR) ||
      (out->flags() & kO_APPEND) != 0) {
    return Errno::kEINVAL;
  }
  FilePosition to = FilePosition::Own(*out);
  const SyscallResult moved =
      CopyBetween(task, from, to, std::min(args.U64(3), kMaxRwCount));
  FL_TRY(from.Store(task, args.Ptr(2)));
  return moved;
}

SyscallResult SysCopyFileRange(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> in, task.files().Get(args.Int(0)));
  FL_ASSIGN(const std::shared_ptr<File> out, task.files().Get(args.Int(2)));
  FL_ASSIGN(FilePosition from, FilePosition::Fetch(task, *in, args.Ptr(1)));
  FL_ASSIGN(FilePosition to, FilePosition::Fetch(task, *out, args.Ptr(3)));
  if (args.Uint(5) != 0) {
    return Errno::kEINVAL;
  }
  const std::shared_ptr<Inode> a = in->inode(), b = out->inode();
  if ((a != nullptr && a->is_dir()) || (b != nullptr && b->is_dir())) {
    return Errno::kEISDIR;
  }
  if (a == nullptr || b == nullptr || !a->is_regular() || !b->is_regular()) {
    return Errno::kEINVAL;
  }
  if (!in->readable() || !out->writable() || (out->flags() & kO_APPEND) != 0) {
    return Errno::kEBADF;
  }
  const uint64_t length = std::min(args.U64(4), kMaxRwCount);
  const uint64_t x = from.offset(), y = to.offset();
  if (a == b && x < y + length && y < x + length) {
    return Errno::kEINVAL;  // onto itself
  }
  const SyscallResult moved = CopyBetween(task, from, to, length);
  FL_TRY(from.Store(task, args.Ptr(1)));
  FL_TRY(to.Store(task, args.Ptr(3)));
  return moved;
}

}  // namespace faultline::os
