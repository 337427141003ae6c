#include "plugin/linux/fs/file.h"

#include <algorithm>
#include <vector>

#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/iov_iter.h"

namespace faultline::os {
namespace {

// One read operation into a bounce buffer, then on to `to`.
template <typename ReadOnce>
ErrnoOr<uint64_t> BounceRead(IovIter& to, ReadOnce read_once) {
  std::vector<std::byte> bounce(
      size_t(std::min<uint64_t>(to.remaining(), File::kBounceBytes)));
  FL_ASSIGN(const uint64_t n, read_once(absl::MakeSpan(bounce)));
  const size_t copied = to.CopyTo(absl::MakeConstSpan(bounce).first(size_t(n)));
  if (copied == 0 && n != 0) {
    return Errno::kEFAULT;
  }
  return uint64_t{copied};
}

// Writes piece by piece until `from` is empty or a piece is written in part.
// An error after progress is a short count.
template <typename WriteOnce>
ErrnoOr<uint64_t> BounceWrite(IovIter& from, WriteOnce write_once) {
  std::vector<std::byte> bounce(
      size_t(std::min<uint64_t>(from.remaining(), File::kBounceBytes)));
  uint64_t total = 0;
  do {
    const size_t want =
        size_t(std::min<uint64_t>(from.remaining(), File::kBounceBytes));
    const size_t got = from.CopyFrom(absl::MakeSpan(bounce).first(want));
    if (got == 0 && want != 0) {
      return total != 0 ? ErrnoOr<uint64_t>(total) : Errno::kEFAULT;
    }
    const ErrnoOr<uint64_t> n =
        write_once(total, absl::MakeConstSpan(bounce).first(got));
    if (!n.ok()) {
      return total != 0 ? ErrnoOr<uint64_t>(total) : n;
    }
    total += *n;
    if (*n < got) {
      break;
    }
  } while (from.remaining() != 0);
  return total;
}

}  // namespace

ErrnoOr<uint64_t> File::Read(Task&, absl::Span<std::byte>) {
  return Errno::kEINVAL;
}
ErrnoOr<uint64_t> File::Write(Task&, absl::Span<const std::byte>) {
  return Errno::kEINVAL;
}
ErrnoOr<uint64_t> File::ReadAt(Task&, uint64_t, absl::Span<std::byte>) {
  return Errno::kESPIPE;
}
ErrnoOr<uint64_t> File::WriteAt(Task&, uint64_t, absl::Span<const std::byte>) {
  return Errno::kESPIPE;
}

ErrnoOr<uint64_t> File::ReadIter(Task& task, IovIter& to) {
  return BounceRead(
      to, [&](absl::Span<std::byte> bytes) { return Read(task, bytes); });
}
ErrnoOr<uint64_t> File::ReadIterAt(Task& task, uint64_t offset, IovIter& to) {
  return BounceRead(to, [&](absl::Span<std::byte> bytes) {
    return ReadAt(task, offset, bytes);
  });
}
ErrnoOr<uint64_t> File::WriteIter(Task& task, IovIter& from) {
  return BounceWrite(from, [&](uint64_t, absl::Span<const std::byte> bytes) {
    return Write(task, bytes);
  });
}
ErrnoOr<uint64_t> File::WriteIterAt(Task& task, uint64_t offset,
                                    IovIter& from) {
  return BounceWrite(from,
                     [&](uint64_t done, absl::Span<const std::byte> bytes) {
                       return WriteAt(task, offset + done, bytes);
                     });
}

ErrnoOr<uint64_t> File::Seek(int64_t, int) { return Errno::kESPIPE; }
ErrnoOr<uint64_t> File::Ioctl(Task&, uint32_t, uint64_t) {
  return Errno::kENOTTY;
}
ErrnoOr<uint64_t> File::Fcntl(Task&, int, uint64_t) { return Errno::kEINVAL; }
ErrnoOr<Done> File::Sync(Task&) { return Errno::kEINVAL; }
ErrnoOr<Done> File::Truncate(Task&, uint64_t) { return Errno::kEINVAL; }
ErrnoOr<Done> File::Allocate(Task&, int, uint64_t, uint64_t) {
  return Errno::kENODEV;
}
ErrnoOr<Done> File::Iterate(Task&, DirSink) { return Errno::kENOTDIR; }
ErrnoOr<uint64_t> File::Peek(Task&, absl::Span<std::byte>) {
  return Errno::kEINVAL;
}

ErrnoOr<std::shared_ptr<File>> File::Reopen(uint32_t) { return Errno::kENXIO; }

KStat File::Stat() {
  if (const std::shared_ptr<Inode> node = inode()) {
    return node->Stat();
  }
  // Linux's one anonymous inode: eventfd, epoll, timerfd.
  KStat stat;
  stat.dev = {0, kAnonInodeMinor};
  stat.ino = 1;
  stat.mode = 0600;
  return stat;
}

}  // namespace faultline::os
