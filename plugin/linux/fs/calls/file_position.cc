#include "plugin/linux/fs/calls/file_position.h"

#include <algorithm>
#include <vector>

#include "plugin/linux/task/task.h"

namespace faultline::os {

ErrnoOr<FilePosition> FilePosition::Fetch(Task& task, File& file,
                                          uint64_t user_offset) {
  FilePosition position(file);
  if (user_offset == 0) {
    return position;
  }
  if (file.is_pipe()) {
    return Errno::kESPIPE;
  }
  FL_ASSIGN(const int64_t offset, task.user().Get<int64_t>(user_offset));
  if (offset < 0) {
    return Errno::kEINVAL;
  }
  position.own_ = false;
  position.offset_ = uint64_t(offset);
  return position;
}

ErrnoOr<Done> FilePosition::Store(Task& task, uint64_t user_offset) const {
  return own_ ? ErrnoOr<Done>(kDone)
              : task.user().Put(user_offset, int64_t(offset_));
}

ErrnoOr<uint64_t> FilePosition::Read(Task& task, absl::Span<std::byte> to) {
  if (file_->is_pipe()) {
    return file_->Peek(task, to);
  }
  const ErrnoOr<uint64_t> n = file_->ReadAt(task, offset(), to);
  if (!n.ok() && n.error() == Errno::kESPIPE && own_) {
    return Errno::kEINVAL;  // a stream that cannot be looked at twice
  }
  return n;
}

ErrnoOr<Done> FilePosition::Advance(Task& task, uint64_t n) {
  if (!own_) {
    offset_ += n;
    return kDone;
  }
  if (!file_->is_pipe()) {
    FL_TRY(file_->Seek(int64_t(n), /*whence=*/1));
    return kDone;
  }
  std::vector<std::byte> gone(n);
  FL_TRY(file_->Read(task, absl::MakeSpan(gone)));
  return kDone;
}

ErrnoOr<uint64_t> FilePosition::Write(Task& task,
                                      absl::Span<const std::byte> from) {
  if (own_) {
    return file_->Write(task, from);
  }
  FL_ASSIGN(const uint64_t n, file_->WriteAt(task, offset_, from));
  offset_ += n;
  return n;
}

SyscallResult CopyBetween(Task& task, FilePosition& from, FilePosition& to,
                          uint64_t length) {
  std::vector<std::byte> buffer(
      size_t(std::min<uint64_t>(length, File::kBounceBytes)));
  uint64_t total = 0;
  while (total < length) {
    const auto piece = absl::MakeSpan(buffer).first(
        size_t(std::min<uint64_t>(length - total, buffer.size())));
    const ErrnoOr<uint64_t> got = from.Read(task, piece);
    if (!got.ok() || *got == 0) {
      return total != 0 || got.ok() ? SyscallResult(total) : got;
    }
    const ErrnoOr<uint64_t> put = to.Write(task, piece.first(size_t(*got)));
    if (!put.ok()) {
      return total != 0 ? SyscallResult(total) : put;
    }
    FL_TRY(from.Advance(task, *put));
    total += *put;
    // A pipe gives what it has; more would have to be waited for.
    if (*put < *got || from.file().is_pipe()) {
      break;
    }
  }
  return total;
}

}  // namespace faultline::os
