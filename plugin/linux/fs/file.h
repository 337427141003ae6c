#ifndef FAULTLINE_PLUGIN_LINUX_FS_FILE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_FILE_H_

// File: an open file description. Linux: struct file and its operations. A
// kind of file overrides what it can do; the rest answers as Linux does for a
// missing operation. Descriptors share it by shared_ptr; the last one to let
// go destroys it, which is Linux's release().
//
// Calls run on the fiber of the task they are given and may block there.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/file/mapped_file.h"
#include "guest_mm/phys/slab.h"
#include "guest_mm/sync/wait_queue.h"
#include "plugin/linux/fs/kstat.h"

namespace faultline::os {

class Inode;
class IovIter;
class Task;
struct Path;

// Poll events, Linux's numbers (include/uapi/asm-generic/poll.h).
using PollEvents = uint32_t;
inline constexpr PollEvents kPollIn = 0x001;
inline constexpr PollEvents kPollPri = 0x002;
inline constexpr PollEvents kPollOut = 0x004;
inline constexpr PollEvents kPollErr = 0x008;
inline constexpr PollEvents kPollHup = 0x010;
inline constexpr PollEvents kPollNval = 0x020;
inline constexpr PollEvents kPollRdNorm = 0x040;
inline constexpr PollEvents kPollWrNorm = 0x100;
inline constexpr PollEvents kPollRdHup = 0x2000;

// Open flags as a File keeps them: x86-64's numbers, which are
// asm-generic/fcntl.h's. open_flags.h translates arm64's few that differ.
inline constexpr uint32_t kO_ACCMODE = 03;
inline constexpr uint32_t kO_RDONLY = 0;
inline constexpr uint32_t kO_WRONLY = 01;
inline constexpr uint32_t kO_RDWR = 02;
inline constexpr uint32_t kO_CREAT = 0100;
inline constexpr uint32_t kO_EXCL = 0200;
inline constexpr uint32_t kO_NOCTTY = 0400;
inline constexpr uint32_t kO_TRUNC = 01000;
inline constexpr uint32_t kO_APPEND = 02000;
inline constexpr uint32_t kO_NONBLOCK = 04000;
inline constexpr uint32_t kO_DSYNC = 010000;
inline constexpr uint32_t kO_ASYNC = 020000;
inline constexpr uint32_t kO_DIRECT = 040000;
inline constexpr uint32_t kO_LARGEFILE = 0100000;
inline constexpr uint32_t kO_DIRECTORY = 0200000;
inline constexpr uint32_t kO_NOFOLLOW = 0400000;
inline constexpr uint32_t kO_NOATIME = 01000000;
inline constexpr uint32_t kO_CLOEXEC = 02000000;
inline constexpr uint32_t kO_SYNC = 04010000;
inline constexpr uint32_t kO_PATH = 010000000;
inline constexpr uint32_t kO_TMPFILE = 020200000;

// One name of a directory, as getdents64 tells it.
struct DirEntry {
  absl::string_view name;
  uint64_t ino = 0;
  uint8_t type = 0;   // DT_*: (mode & S_IFMT) >> 12
  uint64_t next = 0;  // d_off: the position that continues after it
};
// Takes one entry; false when it has no room for it.
using DirSink = absl::FunctionRef<bool(const DirEntry&)>;

class File : public std::enable_shared_from_this<File> {
 public:
  File() = default;
  explicit File(uint32_t flags) : flags_(flags) {}
  virtual ~File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Access mode and status flags in kO_* numbers: O_RDONLY.. O_APPEND,
  // O_NONBLOCK, O_PATH.
  uint32_t flags() const { return flags_; }
  void set_flags(uint32_t flags) { flags_ = flags; }
  bool readable() const {
    return (flags_ & kO_ACCMODE) != kO_WRONLY && !is_path_only();
  }
  bool writable() const {
    return (flags_ & kO_ACCMODE) != kO_RDONLY && !is_path_only();
  }
  bool nonblocking() const { return (flags_ & kO_NONBLOCK) != 0; }
  // Opened with O_PATH: names a place, cannot be read, written or mapped.
  bool is_path_only() const { return (flags_ & kO_PATH) != 0; }

  // read(2) and write(2) at the file's position; -ESPIPE files have none.
  // They may block (interruptibly) unless nonblocking(). Kernel-side bytes:
  // the call layer copies from and to user memory in chunks. The caller has
  // checked readable() or writable(). kEINVAL unless overridden.
  virtual ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to);
  virtual ErrnoOr<uint64_t> Write(Task& task, absl::Span<const std::byte> from);
  // At a position of the caller's (pread64). kESPIPE unless overridden.
  virtual ErrnoOr<uint64_t> ReadAt(Task& task, uint64_t offset,
                                   absl::Span<std::byte> to);
  virtual ErrnoOr<uint64_t> WriteAt(Task& task, uint64_t offset,
                                    absl::Span<const std::byte> from);

  // The same on the user's memory itself; what the calls use. The defaults
  // bounce through Read() and Write(): one Read() of at most kBounceBytes, and
  // Write() in pieces of kBounceBytes until all is written or one is short.
  // Override where a fault in the middle must not lose bytes or where one
  // call is one message. kEFAULT if user memory faults at the first byte.
  virtual ErrnoOr<uint64_t> ReadIter(Task& task, IovIter& to);
  virtual ErrnoOr<uint64_t> WriteIter(Task& task, IovIter& from);
  virtual ErrnoOr<uint64_t> ReadIterAt(Task& task, uint64_t offset,
                                       IovIter& to);
  virtual ErrnoOr<uint64_t> WriteIterAt(Task& task, uint64_t offset,
                                        IovIter& from);
  static constexpr size_t kBounceBytes = 64 * 1024;

  // lseek(2). kESPIPE unless overridden.
  virtual ErrnoOr<uint64_t> Seek(int64_t offset, int whence);
  // Which of the events hold now; never blocks.
  virtual PollEvents Poll() {
    return kPollIn | kPollOut | kPollRdNorm | kPollWrNorm;
  }
  // Woken whenever Poll()'s answer may have changed; null: it never changes.
  virtual mm::WaitQueue* poll_queue() { return nullptr; }
  // kENOTTY unless overridden. FIOCLEX, FIONBIO and the like never get here.
  virtual ErrnoOr<uint64_t> Ioctl(Task& task, uint32_t request, uint64_t arg);
  // fcntl(2) commands that only some files know: F_SETPIPE_SZ, F_ADD_SEALS.
  // kEINVAL unless overridden.
  virtual ErrnoOr<uint64_t> Fcntl(Task& task, int command, uint64_t arg);
  // fsync(2). kEINVAL unless overridden (pipes, sockets).
  virtual ErrnoOr<Done> Sync(Task& task);
  // ftruncate(2) and fallocate(2). kEINVAL, kESPIPE/kENODEV unless overridden.
  virtual ErrnoOr<Done> Truncate(Task& task, uint64_t size);
  virtual ErrnoOr<Done> Allocate(Task& task, int mode, uint64_t offset,
                                 uint64_t length);
  // getdents64(2): entries from the position on, which moves past every entry
  // that `sink` took. kENOTDIR unless overridden.
  virtual ErrnoOr<Done> Iterate(Task& task, DirSink sink);
  // fstat(2). The default is the inode's, or else that of Linux's anon_inode.
  virtual KStat Stat();
  // What mmap maps; null: ENODEV.
  virtual std::shared_ptr<mm::MappedFile> Mappable() { return nullptr; }
  // For /proc/PID/fd links: "pipe:[12]", "/tmp/x".
  virtual std::string LinkName() const = 0;
  // Lines after pos, flags, mnt_id and ino in /proc/PID/fdinfo.
  virtual std::string FdInfo() const { return ""; }
  virtual uint64_t position() const { return 0; }

  // Can be opened with O_DIRECT (FMODE_CAN_ODIRECT).
  virtual bool can_direct() const { return false; }

  // Where it was opened; null for files without a name (pipe(2), eventfd).
  virtual const Path* path() const { return nullptr; }
  // null: none of its own.
  virtual std::shared_ptr<Inode> inode() const { return nullptr; }

  // Opening /proc/PID/fd/N of a file without a path: a new description of the
  // same object (a pipe's). kENXIO unless overridden.
  virtual ErrnoOr<std::shared_ptr<File>> Reopen(uint32_t flags);

  // For splice(2) and tee(2). A pipe end says so, and Peek() is a Read() that
  // leaves the bytes where they are. kEINVAL unless overridden.
  virtual bool is_pipe() const { return false; }
  virtual ErrnoOr<uint64_t> Peek(Task& task, absl::Span<std::byte> to);

  // What a file of any kind and what stands behind it take of the host at
  // most, beside the bytes they hold. Linux: struct file and a socket's inode.
  static constexpr size_t kKernelBytes = 1024;
  // Paid when it first gets a descriptor, for as long as it lives.
  bool paid() const { return charge_.bytes() != 0; }
  void set_charge(mm::Slab::Charge charge) { charge_ = std::move(charge); }

  // A descriptor of `owner` (an FdTable, as an identity) that referred to it
  // was closed: its POSIX locks go. Linux: flush().
  virtual void DescriptorClosed(const void* owner) { (void)owner; }

 private:
  uint32_t flags_ = 0;
  mm::Slab::Charge charge_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_FILE_H_
