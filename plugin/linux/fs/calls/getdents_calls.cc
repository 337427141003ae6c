// getdents64, getdents. Linux: fs/readdir.c.

#include <algorithm>
#include <cstring>
#include <vector>

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// A record: inode, offset, its own length, then (64) the type and the name, or
// (old) the name and the type in the last byte.
enum class Layout : uint8_t { k64, kOld };
constexpr size_t kHeader = 18;  // d_ino, d_off, d_reclen
constexpr size_t kAlign = 8;

class Records {
 public:
  Records(Layout layout, size_t capacity)
      : layout_(layout), capacity_(capacity) {}

  bool Add(const DirEntry& e) {
    const size_t length =
        (kHeader + 1 + e.name.size() + 1 + kAlign - 1) / kAlign * kAlign;
    if (bytes_.size() + length > capacity_) {
      full_ = true;
      return false;
    }
    const size_t at = bytes_.size();
    bytes_.resize(at + length);
    std::byte* r = bytes_.data() + at;
    const uint16_t reclen = uint16_t(length);
    std::memcpy(r, &e.ino, 8);
    std::memcpy(r + 8, &e.next, 8);
    std::memcpy(r + 16, &reclen, 2);
    const size_t name_at = layout_ == Layout::k64 ? kHeader + 1 : kHeader;
    const size_t type_at = layout_ == Layout::k64 ? kHeader : length - 1;
    r[type_at] = std::byte{e.type};
    std::memcpy(r + name_at, e.name.data(), e.name.size());
    return true;
  }
  absl::Span<const std::byte> bytes() const { return bytes_; }
  bool full() const { return full_; }

 private:
  Layout layout_;
  size_t capacity_;
  std::vector<std::byte> bytes_;
  bool full_ = false;
};

SyscallResult Getdents(Task& task, const SyscallArgs& args, Layout layout) {
  // More at a time than this serves nobody and costs host memory.
  constexpr size_t kMost = 1 << 20;
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
  Records records(layout, std::min<size_t>(args.Uint(2), kMost));
  FL_TRY(file->Iterate(
      task, [&](const DirEntry& entry) { return records.Add(entry); }));
  if (records.bytes().empty() && records.full()) {
    return Errno::kEINVAL;  // no room for one
  }
  if (task.user().CopyTo(args.Ptr(1), records.bytes()) != 0) {
    return Errno::kEFAULT;
  }
  return uint64_t{records.bytes().size()};
}

}  // namespace

SyscallResult SysGetdents64(Task& task, const SyscallArgs& args) {
  return Getdents(task, args, Layout::k64);
}
SyscallResult SysGetdents(Task& task, const SyscallArgs& args) {
  return Getdents(task, args, Layout::kOld);
}

}  // namespace faultline::os
