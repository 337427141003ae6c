// splice, tee, vmsplice. Linux: fs/splice.c. Bytes are copied, not moved: a
// guest can only tell by the clock.

#include <algorithm>
#include <vector>

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/file_position.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/iov_iter.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint32_t kSpliceNonblock = 2;
constexpr uint32_t kSpliceKnown = 0xf;

// SPLICE_F_NONBLOCK is about the pipe, whatever its O_NONBLOCK says.
bool WouldBlock(File& pipe, uint32_t flags, PollEvents wanted) {
  return pipe.is_pipe() && (flags & kSpliceNonblock) != 0 &&
         (pipe.Poll() & (wanted | kPollHup | kPollErr)) == 0;
}

// Both ends of a pipe are one inode.
bool SamePipe(File& a, File& b) {
  const KStat x = a.Stat(), y = b.Stat();
  return a.is_pipe() && b.is_pipe() && x.dev == y.dev && x.ino == y.ino;
}

}  // namespace

SyscallResult SysSplice(Task& task, const SyscallArgs& args) {
  const uint64_t length = std::min(args.U64(4), kMaxRwCount);
  const uint32_t flags = args.Uint(5);
  if ((flags & ~kSpliceKnown) != 0) {
    return Errno::kEINVAL;
  }
  if (length == 0) {
    return uint64_t{0};
  }
  FL_ASSIGN(const std::shared_ptr<File> in, task.files().Get(args.Int(0)));
  FL_ASSIGN(const std::shared_ptr<File> out, task.files().Get(args.Int(2)));
  FL_ASSIGN(FilePosition from, FilePosition::Fetch(task, *in, args.Ptr(1)));
  FL_ASSIGN(FilePosition to, FilePosition::Fetch(task, *out, args.Ptr(3)));
  if (!in->readable() || !out->writable()) {
    return Errno::kEBADF;
  }
  if ((!in->is_pipe() && !out->is_pipe()) || SamePipe(*in, *out) ||
      (!out->is_pipe() && (out->flags() & kO_APPEND) != 0)) {
    return Errno::kEINVAL;
  }
  if (WouldBlock(*in, flags, kPollIn) || WouldBlock(*out, flags, kPollOut)) {
    return Errno::kEAGAIN;
  }
  const SyscallResult moved = CopyBetween(task, from, to, length);
  FL_TRY(from.Store(task, args.Ptr(1)));
  FL_TRY(to.Store(task, args.Ptr(3)));
  return moved;
}

SyscallResult SysTee(Task& task, const SyscallArgs& args) {
  const uint32_t flags = args.Uint(3);
  if ((flags & ~kSpliceKnown) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const std::shared_ptr<File> in, task.files().Get(args.Int(0)));
  FL_ASSIGN(const std::shared_ptr<File> out, task.files().Get(args.Int(1)));
  if (!in->readable() || !out->writable()) {
    return Errno::kEBADF;
  }
  if (!in->is_pipe() || !out->is_pipe() || SamePipe(*in, *out)) {
    return Errno::kEINVAL;
  }
  if (WouldBlock(*in, flags, kPollIn) || WouldBlock(*out, flags, kPollOut)) {
    return Errno::kEAGAIN;
  }
  std::vector<std::byte> bytes(
      size_t(std::min<uint64_t>(args.U64(2), File::kBounceBytes)));
  FL_ASSIGN(const uint64_t n, in->Peek(task, absl::MakeSpan(bytes)));
  return n == 0 ? SyscallResult(uint64_t{0})
                : out->Write(task, absl::MakeConstSpan(bytes).first(size_t(n)));
}

SyscallResult SysVmsplice(Task& task, const SyscallArgs& args) {
  const uint32_t flags = args.Uint(3);
  if ((flags & ~kSpliceKnown) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
  if (!file->is_pipe()) {
    return Errno::kEBADF;
  }
  FL_ASSIGN(IovIter iter,
            IovIter::FromUserIovec(task.user(), args.Ptr(1), args.U64(2)));
  if (iter.remaining() == 0) {
    return uint64_t{0};
  }
  if (file->writable()) {
    return WouldBlock(*file, flags, kPollOut) ? Errno::kEAGAIN
                                              : file->WriteIter(task, iter);
  }
  return WouldBlock(*file, flags, kPollIn) ? Errno::kEAGAIN
                                           : file->ReadIter(task, iter);
}

}  // namespace faultline::os
