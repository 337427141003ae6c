#ifndef FAULTLINE_PLUGIN_LINUX_FS_CALLS_FILE_POSITION_H_
#define FAULTLINE_PLUGIN_LINUX_FS_CALLS_FILE_POSITION_H_

// FilePosition: a file, and where in it a call moves bytes: at an offset that
// the user gave by address, or at the file's own position. Shared by sendfile,
// copy_file_range and splice.

#include <cstdint>

#include "absl/types/span.h"
#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/file.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class FilePosition {
 public:
  static FilePosition Own(File& file) { return FilePosition(file); }
  // `user_offset` is the address of a loff_t, or 0 for the file's own
  // position. kEFAULT; kESPIPE if an offset is given for a pipe; kEINVAL.
  static ErrnoOr<FilePosition> Fetch(Task& task, File& file,
                                     uint64_t user_offset);
  // Writes the advanced offset back where it came from. kEFAULT.
  ErrnoOr<Done> Store(Task& task, uint64_t user_offset) const;

  File& file() { return *file_; }
  uint64_t offset() const { return own_ ? file_->position() : offset_; }

  // Bytes from the present place, which stays; a pipe is peeked at.
  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to);
  // Moves on by `n` bytes that Read() gave.
  ErrnoOr<Done> Advance(Task& task, uint64_t n);
  // Writes and moves on.
  ErrnoOr<uint64_t> Write(Task& task, absl::Span<const std::byte> from);

 private:
  explicit FilePosition(File& file) : file_(&file) {}

  File* file_;
  bool own_ = true;
  uint64_t offset_ = 0;
};

// Moves up to `length` bytes; stops at the end, at a short write or at an
// error, which counts only if nothing was moved.
SyscallResult CopyBetween(Task& task, FilePosition& from, FilePosition& to,
                          uint64_t length);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_CALLS_FILE_POSITION_H_
