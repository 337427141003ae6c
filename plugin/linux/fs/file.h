#ifndef FAULTLINE_PLUGIN_LINUX_FS_FILE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_FILE_H_

// File: an open file description. Linux: struct file and its operations. A
// kind of file overrides what it can do; the rest answers as Linux does for a
// missing operation. Descriptors share it by shared_ptr.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/types/span.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/file/mapped_file.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::os {

class Task;

// Poll events, Linux's numbers (include/uapi/asm-generic/poll.h).
using PollEvents = uint32_t;

class File {
 public:
  virtual ~File() = default;

  // Access mode and status flags in Linux's x86-64 numbers (the table
  // translates arm64's few that differ): O_RDONLY.. O_APPEND, O_NONBLOCK.
  uint32_t flags() const { return flags_; }
  void set_flags(uint32_t flags) { flags_ = flags; }
  bool readable() const { return (flags_ & 3) != 1; }
  bool writable() const { return (flags_ & 3) != 0; }
  bool nonblocking() const { return (flags_ & 04000) != 0; }

  // read(2) and write(2) at the file's position; -ESPIPE files have none.
  // They may block (interruptibly) unless nonblocking(). Kernel-side bytes:
  // the call layer copies from and to user memory in chunks.
  virtual ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to);
  virtual ErrnoOr<uint64_t> Write(Task& task, absl::Span<const std::byte> from);
  virtual ErrnoOr<uint64_t> ReadAt(Task& task, uint64_t offset,
                                   absl::Span<std::byte> to);
  virtual ErrnoOr<uint64_t> WriteAt(Task& task, uint64_t offset,
                                    absl::Span<const std::byte> from);
  virtual ErrnoOr<uint64_t> Seek(int64_t offset, int whence);
  // Which of the events hold now; never blocks.
  virtual PollEvents Poll() { return 0x145; }  // IN|OUT|RDNORM|WRNORM
  // Woken whenever Poll()'s answer may have changed; null: it never changes.
  virtual mm::WaitQueue* poll_queue() { return nullptr; }
  virtual ErrnoOr<uint64_t> Ioctl(Task& task, uint32_t request, uint64_t arg);
  // What mmap maps; null: ENODEV.
  virtual std::shared_ptr<mm::MappedFile> Mappable() { return nullptr; }
  // For /proc/PID/fd links: "pipe:[12]", "/tmp/x".
  virtual std::string LinkName() const = 0;

 private:
  uint32_t flags_ = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_FILE_H_
