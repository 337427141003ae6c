#include "plugin/linux/fs/hugetlbfs.h"

#include <algorithm>

#include "guest_mm/base/check.h"
#include "guest_mm/mm/memory_manager.h"
#include "plugin/linux/fs/falloc.h"
#include "plugin/linux/fs/vfs.h"

namespace faultline::os {
namespace {

enum Whence { kSeekData = 3, kSeekHole = 4 };

// Of the bytes [from, from + n) of a huge page, those before the first lost one
// (adjust_range_hwpoison()).
size_t SoundBytes(const mm::PhysMem& phys, mm::Pfn head, uint64_t from,
                  size_t n) {
  const int shift = phys.page_shift().value();
  for (uint64_t i = from >> shift; i << shift < from + n; ++i) {
    if (phys.frame(head + i).hw_poisoned) {
      return size_t(std::max(i << shift, from) - from);
    }
  }
  return n;
}

}  // namespace

std::shared_ptr<Inode> Hugetlbfs::NewRegular(const std::shared_ptr<Tmpfs>& self,
                                             const NewNode& what) {
  return std::make_shared<HugetlbfsInode>(
      std::static_pointer_cast<Hugetlbfs>(self), what);
}

KStatfs Hugetlbfs::Statfs() const {
  KStatfs s = FileSystem::Statfs();
  s.block_size = pool_.bytes();
  if (subpool_ != nullptr) {  // a mount without limits has no sizes to tell
    const uint64_t max = subpool_->limits().max.value_or(~uint64_t{0});
    s.blocks = max;
    s.blocks_free = s.blocks_available = max - subpool_->used();
    s.files = s.files_free = ~uint64_t{0};
  }
  return s;
}

ErrnoOr<std::shared_ptr<Inode>> NewHugetlbfs(Vfs& vfs, mm::Hugetlb& hugetlb,
                                             DevId dev,
                                             const HugetlbfsOptions& options) {
  std::shared_ptr<mm::HugePageSubpool> subpool;
  if (options.limits.max.has_value() || options.limits.min.has_value()) {
    FL_ASSIGN(subpool,
              mm::HugePageSubpool::Create(*options.pool, options.limits));
  }
  auto fs = std::make_shared<Hugetlbfs>(dev, vfs.clock(), vfs.phys(),
                                        vfs.slab(), hugetlb, *options.pool,
                                        std::move(subpool), options.Show());
  return std::shared_ptr<Inode>(
      TmpfsDir::MakeRoot(fs, options.mode, options.uid, options.gid));
}

absl::Status MountHugetlbfs(Vfs& vfs, mm::MemoryManager& memory) {
  const auto options = ParseHugetlbfsOptions("", memory.hugetlb());
  if (!options.ok()) {
    return absl::OkStatus();  // the architecture has no huge pages
  }
  const auto root = NewHugetlbfs(vfs, memory.hugetlb(),
                                 DevId{0, mm::kHugetlbMinor + 1}, *options);
  FL_CHECK(root.ok());  // it asks for no minimum
  return vfs.MountAt("/dev/hugepages", *root, ReadOnly::kNo, "hugetlbfs");
}

HugetlbfsInode::HugetlbfsInode(const std::shared_ptr<Hugetlbfs>& fs,
                               const NewNode& what)
    : Inode(fs, fs->NextIno(), what.mode),
      phys_(fs->phys()),
      file_(fs->phys(), fs->hugetlb(), fs->pool(), fs->subpool()) {
  InitFrom(what);
}

KStat HugetlbfsInode::Stat() {
  KStat s = Inode::Stat();
  s.blksize = uint32_t(file_.pool().bytes());
  s.blocks = file_.cached() * (file_.pool().bytes() / 512);
  return s;
}

ErrnoOr<Done> HugetlbfsInode::Truncate(uint64_t size) {
  if (size % file_.pool().bytes() != 0) {
    return Errno::kEINVAL;
  }
  const mm::WriteGuard guard(file_.lock());
  if ((size < this->size() && (seals_ & kSealShrink) != 0) ||
      (size > this->size() && (seals_ & kSealGrow) != 0)) {
    return Errno::kEPERM;
  }
  file_.Truncate(size);
  TouchModify();
  return kDone;
}

ErrnoOr<std::shared_ptr<File>> HugetlbfsInode::Open(const Caller&,
                                                    const Path& path,
                                                    uint32_t flags) {
  return std::shared_ptr<File>(std::make_shared<HugetlbfsFile>(
      path, std::static_pointer_cast<HugetlbfsInode>(shared_from_this()),
      flags));
}

ErrnoOr<Done> HugetlbfsInode::Allocate(int mode, uint64_t offset,
                                       uint64_t length) {
  if ((mode & ~(kFallocKeepSize | kFallocPunchHole)) != 0) {
    return Errno::kEOPNOTSUPP;
  }
  const mm::WriteGuard guard(file_.lock());
  if ((mode & kFallocPunchHole) != 0) {
    if ((seals_ & (kSealWrite | kSealFutureWrite)) != 0) {
      return Errno::kEPERM;
    }
    file_.PunchHole(offset, length);
    TouchModify();
    return kDone;
  }
  if ((seals_ & kSealGrow) != 0 && offset + length > size()) {
    return Errno::kEPERM;
  }
  FL_TRY(file_.Allocate(offset, length));
  if ((mode & kFallocKeepSize) == 0) {
    file_.Extend(offset + length);
  }
  TouchChange();
  return kDone;
}

ErrnoOr<uint64_t> HugetlbfsInode::ReadPages(uint64_t offset, IovIter& to) {
  const uint64_t bytes = file_.pool().bytes();
  uint64_t done = 0;
  while (to.remaining() != 0 && offset + done < size()) {
    const uint64_t at = offset + done;
    const uint64_t in_page = at & (bytes - 1);
    size_t n = size_t(
        std::min({uint64_t{to.remaining()}, size() - at, bytes - in_page}));
    size_t copied = 0;
    if (const auto page = file_.Find(at >> file_.pool().shift())) {
      n = SoundBytes(phys_, *page, in_page, n);
      if (n == 0) {
        return done != 0 ? ErrnoOr<uint64_t>(done) : Errno::kEIO;
      }
      phys_.Get(*page);
      copied = to.CopyTo(absl::MakeConstSpan(phys_.Data(*page) + in_page, n));
      phys_.Put(*page);
    } else {
      copied = to.Clear(n);
    }
    done += copied;
    if (copied < n) {
      return done != 0 ? ErrnoOr<uint64_t>(done) : Errno::kEFAULT;
    }
  }
  return done;
}

ErrnoOr<Done> HugetlbfsInode::AddSeals(uint32_t seals) {
  FL_ASSIGN(seals_, os::AddSeals(seals_, seals, mode(), file_.mapping()));
  return kDone;
}

ErrnoOr<uint64_t> HugetlbfsFile::Read(Task& task, absl::Span<std::byte> to) {
  IovIter iter = IovIter::Kernel(to);
  return ReadIter(task, iter);
}

ErrnoOr<uint64_t> HugetlbfsFile::ReadAt(Task& task, uint64_t offset,
                                        absl::Span<std::byte> to) {
  IovIter iter = IovIter::Kernel(to);
  return ReadIterAt(task, offset, iter);
}

ErrnoOr<uint64_t> HugetlbfsFile::ReadIter(Task& task, IovIter& to) {
  const mm::LockGuard position(position_lock_);
  FL_ASSIGN(const uint64_t n, ReadIterAt(task, position_, to));
  position_ += n;
  return n;
}

ErrnoOr<uint64_t> HugetlbfsFile::ReadIterAt(Task&, uint64_t offset,
                                            IovIter& to) {
  return inode_->ReadPages(offset, to);
}

// default_llseek(): all of the file is data.
ErrnoOr<uint64_t> HugetlbfsFile::Seek(int64_t offset, int whence) {
  const mm::LockGuard position(position_lock_);
  if (whence == kSeekData || whence == kSeekHole) {
    if (offset < 0 || uint64_t(offset) >= inode_->size()) {
      return Errno::kENXIO;
    }
    position_ = whence == kSeekData ? uint64_t(offset) : inode_->size();
    return position_;
  }
  FL_ASSIGN(position_, SeekTo(offset, whence, position_, inode_->size()));
  return position_;
}

ErrnoOr<uint64_t> HugetlbfsFile::Fcntl(Task&, int command, uint64_t arg) {
  switch (command) {
    case kFAddSeals:
      if (!writable()) {
        return Errno::kEPERM;
      }
      {
        const mm::WriteGuard guard(inode_->file().lock());
        FL_TRY(inode_->AddSeals(uint32_t(arg)));
      }
      return uint64_t{0};
    case kFGetSeals:
      return uint64_t{inode_->seals()};
    default:
      return Errno::kEINVAL;
  }
}

ErrnoOr<Done> HugetlbfsFile::Truncate(Task&, uint64_t size) {
  return inode_->Truncate(size);
}

ErrnoOr<Done> HugetlbfsFile::Allocate(Task&, int mode, uint64_t offset,
                                      uint64_t length) {
  return inode_->Allocate(mode, offset, length);
}

ErrnoOr<Done> HugetlbfsFile::PunchHole(uint64_t offset, uint64_t length) {
  return inode_->Allocate(kFallocPunchHole | kFallocKeepSize, offset, length);
}

std::shared_ptr<mm::MappedFile> HugetlbfsFile::Mappable() {
  return std::static_pointer_cast<HugetlbfsFile>(shared_from_this());
}

}  // namespace faultline::os
