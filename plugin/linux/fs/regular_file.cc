#include "plugin/linux/fs/regular_file.h"

#include <algorithm>
#include <optional>

#include "plugin/linux/fs/direct_io.h"
#include "plugin/linux/fs/falloc.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kMaxFileSize = 0x7fffffffffffffff;  // MAX_LFS_FILESIZE
constexpr uint32_t kFionread = 0x541b;
enum Whence { kSeekSet, kSeekCur, kSeekEnd, kSeekData, kSeekHole };

}  // namespace

ErrnoOr<uint64_t> SeekTo(int64_t offset, int whence, uint64_t position,
                         uint64_t size) {
  int64_t base;
  switch (whence) {
    case kSeekSet:
      base = 0;
      break;
    case kSeekCur:
      base = int64_t(position);
      break;
    case kSeekEnd:
      base = int64_t(size);
      break;
    default:
      return Errno::kEINVAL;
  }
  int64_t to;
  if (__builtin_add_overflow(base, offset, &to)) {
    return Errno::kEOVERFLOW;
  }
  if (to < 0) {
    return Errno::kEINVAL;
  }
  return uint64_t(to);
}

class RegularFile::PositionGuard {
 public:
  explicit PositionGuard(RegularFile& file) {
    if (file.atomic_position_ == AtomicPosition::kYes) {
      guard_.emplace(file.position_lock_);
    }
  }

 private:
  std::optional<mm::LockGuard> guard_;
};

RegularFile::RegularFile(Path path, std::shared_ptr<RegularInode> inode,
                         uint32_t flags, AtomicPosition atomic)
    : PathFile(std::move(path), flags),
      inode_(std::move(inode)),
      atomic_position_(atomic) {
  if (writable()) {
    inode_->mapping().GetWriteAccess();
  }
}

RegularFile::~RegularFile() {
  if (writable()) {
    (void)inode_->WriteBack();  // as Linux: close(2) does not say EIO here
    inode_->mapping().PutWriteAccess();
  }
}

ErrnoOr<uint64_t> RegularFile::Read(Task& task, absl::Span<std::byte> to) {
  IovIter iter = IovIter::Kernel(to);
  return ReadIter(task, iter);
}
ErrnoOr<uint64_t> RegularFile::Write(Task& task,
                                     absl::Span<const std::byte> from) {
  IovIter iter = IovIter::Kernel(from);
  return WriteIter(task, iter);
}
ErrnoOr<uint64_t> RegularFile::ReadAt(Task& task, uint64_t offset,
                                      absl::Span<std::byte> to) {
  IovIter iter = IovIter::Kernel(to);
  return ReadIterAt(task, offset, iter);
}
ErrnoOr<uint64_t> RegularFile::WriteAt(Task& task, uint64_t offset,
                                       absl::Span<const std::byte> from) {
  IovIter iter = IovIter::Kernel(from);
  return WriteIterAt(task, offset, iter);
}

ErrnoOr<uint64_t> RegularFile::ReadIter(Task& task, IovIter& to) {
  const PositionGuard position(*this);
  FL_ASSIGN(const uint64_t n, ReadIterAt(task, position_, to));
  position_ += n;
  return n;
}

ErrnoOr<uint64_t> RegularFile::ReadIterAt(Task& task, uint64_t offset,
                                          IovIter& to) {
  if (to.remaining() == 0) {
    return uint64_t{0};
  }
  ErrnoOr<uint64_t> n = uint64_t{0};
  if (Direct(to)) {
    const mm::ReadGuard inode(inode_->rwsem);
    n = DirectRead(*inode_, *task.shared.mm, offset, to);
  } else {
    n = inode_->ReadPages(offset, to);
  }
  if (!n.ok()) {
    return n;
  }
  if ((flags() & kO_NOATIME) == 0) {
    inode_->TouchAccess();
  }
  return n;
}

ErrnoOr<uint64_t> RegularFile::WriteChecks(Task& task, uint64_t offset,
                                           IovIter& from) {
  if ((flags() & kO_APPEND) != 0) {
    offset = inode_->size();
  }
  const uint64_t limit = task.process().rlimits[kRlimitFsize].soft;
  if (limit != kRlimInfinity) {
    if (offset >= limit) {
      (void)SendSignal(task, SigInfo(kSigXfsz, kSiKernel));
      return Errno::kEFBIG;
    }
    from.Truncate(limit - offset);
  }
  if (offset >= kMaxFileSize) {
    return Errno::kEFBIG;
  }
  from.Truncate(kMaxFileSize - offset);
  return offset;
}

ErrnoOr<uint64_t> RegularFile::WriteIter(Task& task, IovIter& from) {
  if (from.remaining() == 0) {
    return uint64_t{0};
  }
  const PositionGuard position(*this);
  const mm::WriteGuard inode(inode_->rwsem);
  FL_ASSIGN(const uint64_t at, WriteChecks(task, position_, from));
  FL_ASSIGN(const uint64_t n, WriteLocked(task, at, from));
  position_ = at + n;
  return n;
}

ErrnoOr<uint64_t> RegularFile::WriteIterAt(Task& task, uint64_t offset,
                                           IovIter& from) {
  if (from.remaining() == 0) {
    return uint64_t{0};
  }
  const mm::WriteGuard inode(inode_->rwsem);
  FL_ASSIGN(const uint64_t at, WriteChecks(task, offset, from));
  return WriteLocked(task, at, from);
}

ErrnoOr<uint64_t> RegularFile::WriteLocked(Task& task, uint64_t offset,
                                           IovIter& from) {
  return Direct(from) ? DirectWrite(*inode_, *task.shared.mm, offset, from)
                      : inode_->WritePages(
                            offset, from,
                            task.mm().system().behaviours().fault_in_first());
}

ErrnoOr<uint64_t> RegularFile::Seek(int64_t offset, int whence) {
  const PositionGuard position(*this);
  if (whence == kSeekData || whence == kSeekHole) {
    if (offset < 0 || uint64_t(offset) >= inode_->size()) {
      return Errno::kENXIO;
    }
    FL_ASSIGN(position_, inode_->SeekDataOrHole(
                             uint64_t(offset),
                             whence == kSeekData ? RegularInode::Seek::kData
                                                 : RegularInode::Seek::kHole));
    return position_;
  }
  FL_ASSIGN(position_, SeekTo(offset, whence, position_, inode_->size()));
  return position_;
}

ErrnoOr<uint64_t> RegularFile::Ioctl(Task& task, uint32_t request,
                                     uint64_t arg) {
  if (request != kFionread) {
    return Errno::kENOTTY;
  }
  const int32_t left = int32_t(inode_->size() - position_);
  FL_TRY(task.user().Put(arg, left));
  return uint64_t{0};
}

ErrnoOr<uint64_t> RegularFile::Fcntl(Task&, int command, uint64_t arg) {
  switch (command) {
    case kFAddSeals:
      if (!writable()) {
        return Errno::kEPERM;
      }
      {
        const mm::WriteGuard inode(inode_->rwsem);
        FL_TRY(inode_->AddSeals(uint32_t(arg)));
      }
      return uint64_t{0};
    case kFGetSeals:
      return uint64_t{inode_->seals()};
    default:
      return Errno::kEINVAL;
  }
}

ErrnoOr<Done> RegularFile::Sync(Task&) { return inode_->WriteBack(); }

ErrnoOr<Done> RegularFile::Truncate(Task&, uint64_t size) {
  const mm::WriteGuard inode(inode_->rwsem);
  return inode_->Truncate(size);
}

ErrnoOr<Done> RegularFile::Allocate(Task&, int mode, uint64_t offset,
                                    uint64_t length) {
  const mm::WriteGuard inode(inode_->rwsem);
  return inode_->Allocate(mode, offset, length);
}

ErrnoOr<Done> RegularFile::PunchHole(uint64_t offset, uint64_t length) {
  const mm::WriteGuard inode(inode_->rwsem);
  return inode_->Allocate(kFallocPunchHole | kFallocKeepSize, offset, length);
}

std::shared_ptr<mm::MappedFile> RegularFile::Mappable() {
  return std::static_pointer_cast<RegularFile>(shared_from_this());
}

}  // namespace faultline::os
