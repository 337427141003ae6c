#include "plugin/linux/fs/inode.h"

#include <algorithm>
#include <utility>

#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/dir_file.h"
#include "plugin/linux/fs/file_locks.h"
#include "plugin/linux/fs/path.h"

namespace faultline::os {

Inode::Inode(std::shared_ptr<FileSystem> fs, uint64_t ino, uint32_t mode)
    : mode_(mode), fs_(std::move(fs)), ino_(ino) {
  SetTimes(Now());
}

Inode::~Inode() = default;

void Inode::InitFrom(const NewNode& what) {
  mode_ = what.mode;
  uid_ = what.uid;
  gid_ = what.gid;
  rdev_ = what.rdev;
}

KStat Inode::Stat() {
  KStat s;
  s.dev = fs_->dev();
  s.ino = ino_;
  s.mode = mode_;
  s.nlink = nlink_;
  s.uid = uid_;
  s.gid = gid_;
  s.rdev = rdev_;
  s.size = size();
  s.blocks = (s.size + 511) / 512;
  s.atime = atime_;
  s.mtime = mtime_;
  s.ctime = ctime_;
  s.btime = btime_;
  return s;
}

ErrnoOr<Done> Inode::SetAttr(const AttrChange& change) {
  if (change.mode) {
    mode_ = type() | (*change.mode & 07777);
  }
  uid_ = change.uid.value_or(uid_);
  gid_ = change.gid.value_or(gid_);
  atime_ = change.atime.value_or(atime_);
  mtime_ = change.mtime.value_or(mtime_);
  TouchChange();
  return kDone;
}

void Inode::TouchAccess() {
  constexpr int64_t kDayNs = 86'400'000'000'000;
  const Timestamp now = Now();
  if (atime_ <= mtime_ || atime_ <= ctime_ ||
      now.ns() - atime_.ns() >= kDayNs) {
    atime_ = now;
  }
}

ErrnoOr<Done> Inode::Truncate(uint64_t) { return Errno::kEINVAL; }

ErrnoOr<Done> Inode::Permission(const Caller& caller, unsigned mask) {
  const Credentials& cred = caller.cred;
  unsigned granted;
  if (cred.fsuid == uid_) {
    granted = mode_ >> 6;
  } else if (cred.fsgid == gid_ ||
             std::find(cred.groups.begin(), cred.groups.end(), gid_) !=
                 cred.groups.end()) {
    granted = mode_ >> 3;
  } else {
    granted = mode_;
  }
  if ((mask & ~granted & 7) == 0) {
    return kDone;
  }
  // CAP_DAC_OVERRIDE does all, but executes a file only if someone may.
  if (cred.HasCap(kCapDacOverride) &&
      ((mask & kMayExec) == 0 || is_dir() || (mode_ & 0111) != 0)) {
    return kDone;
  }
  if (cred.HasCap(kCapDacReadSearch) &&
      (mask == kMayRead || (is_dir() && (mask & kMayWrite) == 0))) {
    return kDone;
  }
  return Errno::kEACCES;
}

ErrnoOr<std::shared_ptr<Inode>> Inode::Lookup(const Caller&,
                                              absl::string_view) {
  return Errno::kENOTDIR;
}
// What vfs_create() and vfs_mknod() and others say where there is no operation.
ErrnoOr<std::shared_ptr<Inode>> Inode::Create(absl::string_view,
                                              const NewNode& what) {
  return (what.mode & kS_IFMT) == kS_IFREG ? Errno::kEACCES : Errno::kEPERM;
}
ErrnoOr<Done> Inode::Link(absl::string_view, const std::shared_ptr<Inode>&) {
  return Errno::kEPERM;
}
ErrnoOr<Done> Inode::Unlink(absl::string_view, Inode&) { return Errno::kEPERM; }
ErrnoOr<Done> Inode::Rename(absl::string_view, Inode&, const RenameTo&) {
  return Errno::kEPERM;
}
ErrnoOr<Done> Inode::ReadDir(const Caller&, uint64_t&, DirSink) {
  return Errno::kENOTDIR;
}
ErrnoOr<std::shared_ptr<Inode>> Inode::MakeUnnamed(const NewNode&) {
  return Errno::kEOPNOTSUPP;
}
ErrnoOr<std::string> Inode::ReadLink(const Caller&) { return Errno::kEINVAL; }
ErrnoOr<std::optional<Path>> Inode::FollowMagic(const Caller&) {
  return std::optional<Path>();
}
ErrnoOr<std::shared_ptr<File>> Inode::Open(const Caller&, const Path& path,
                                           uint32_t flags) {
  if (is_dir()) {
    return std::shared_ptr<File>(std::make_shared<DirFile>(path, flags));
  }
  return Errno::kENXIO;
}

FileLocks& Inode::locks() {
  if (locks_ == nullptr) {
    locks_ = std::make_unique<FileLocks>();
  }
  return *locks_;
}

}  // namespace faultline::os
