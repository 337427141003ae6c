#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>

#include "plugin/linux/fs/host_node.h"

namespace faultline::os {

// The page cache's way to a host file. Opened with the file: most files that
// are seen are never read.
class HostBacking final : public mm::Backing {
 public:
  HostBacking(std::shared_ptr<HostFd> place, bool read_only)
      : place_(std::move(place)), read_only_(read_only) {}

  ErrnoOr<Done> ReadPage(uint64_t offset, absl::Span<std::byte> page) override {
    if (!Open().ok()) {
      return Errno::kEIO;
    }
    TouchForHost(page);
    size_t done = 0;
    while (done < page.size()) {
      const ssize_t n = ::pread(io_.get(), page.data() + done,
                                page.size() - done, off_t(offset + done));
      if (n < 0 && errno != EINTR) {
        return Errno::kEIO;
      }
      if (n == 0) {
        break;
      }
      done += n > 0 ? size_t(n) : 0;
    }
    std::memset(page.data() + done, 0, page.size() - done);
    return kDone;
  }

  ErrnoOr<Done> WritePage(uint64_t offset,
                          absl::Span<const std::byte> bytes) override {
    if (read_only_) {
      return Errno::kEROFS;
    }
    if (!Open().ok()) {
      return Errno::kEIO;
    }
    size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = ::pwrite(io_.get(), bytes.data() + done,
                                 bytes.size() - done, off_t(offset + done));
      if (n < 0 && errno != EINTR) {
        return errno == ENOSPC ? Errno::kENOSPC : Errno::kEIO;
      }
      done += n > 0 ? size_t(n) : 0;
    }
    return kDone;
  }

  // So that a host without descriptors to spare refuses open(2), not the reads
  // that follow it.
  ErrnoOr<Done> Open() {
    if (!io_.ok()) {
      io_ = HostFd(::open(place_->ProcPath().c_str(),
                          (read_only_ ? O_RDONLY : O_RDWR) | O_CLOEXEC));
    }
    if (!io_.ok() && !read_only_) {  // the host forbids writing this one
      io_ = HostFd(::open(place_->ProcPath().c_str(), O_RDONLY | O_CLOEXEC));
    }
    return io_.ok() ? ErrnoOr<Done>(kDone) : HostErrno();
  }

 private:
  std::shared_ptr<HostFd> place_;
  bool read_only_;
  HostFd io_;
};

namespace {

bool SameTime(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

HostRegular::HostRegular(const std::shared_ptr<HostFs>& fs, uint64_t ino,
                         const struct stat& st, std::shared_ptr<HostFd> place)
    : HostRegular(fs, ino, st, place, new HostBacking(place, fs->read_only())) {
}

HostRegular::HostRegular(const std::shared_ptr<HostFs>& fs, uint64_t ino,
                         const struct stat& st, std::shared_ptr<HostFd> place,
                         HostBacking* backing)
    : RegularInode(fs, ino, st.st_mode, fs->phys(),
                   std::unique_ptr<mm::Backing>(backing)),
      backing_(backing),
      place_(std::move(place)),
      read_only_(fs->read_only()),
      seen_mtime_(st.st_mtim) {
  mapping().Resize(uint64_t(st.st_size));
}

HostRegular::~HostRegular() {
  if (!read_only_) {
    (void)WriteBack();
  }
}

KStat HostRegular::Stat() {
  struct stat st = {};
  if (::fstat(place_->get(), &st) != 0) {
    return RegularInode::Stat();
  }
  KStat s = HostStat(*this, st);
  s.size = size();  // ours may be ahead of the host's
  return s;
}

ErrnoOr<Done> HostRegular::SetAttr(const AttrChange& change) {
  FL_TRY(HostSetAttr(*place_, change));
  if (change.mode) {
    mode_ = kS_IFREG | (*change.mode & kHostModeBits);
  }
  return kDone;
}

ErrnoOr<Done> HostRegular::Truncate(uint64_t size) {
  if (int64_t(size) < 0) {
    return Errno::kEFBIG;
  }
  // The host first: what it refuses changes nothing here either.
  if (::truncate(place_->ProcPath().c_str(), off_t(size)) != 0) {
    return HostErrno();
  }
  return RegularInode::Truncate(size);
}

ErrnoOr<Done> HostRegular::Allocate(int mode, uint64_t offset,
                                    uint64_t length) {
  if (mode != 0) {
    return Errno::kEOPNOTSUPP;
  }
  if (offset + length > size()) {
    FL_TRY(Truncate(offset + length));
  }
  return kDone;
}

void HostRegular::Revalidate() {
  struct stat st = {};
  if (::fstat(place_->get(), &st) != 0 || SameTime(st.st_mtim, seen_mtime_)) {
    return;
  }
  seen_mtime_ = st.st_mtim;
  (void)WriteBack();
  mapping().DropClean();
  if (::fstat(place_->get(), &st) == 0) {
    seen_mtime_ = st.st_mtim;
    mapping().Resize(uint64_t(st.st_size));
  }
}

ErrnoOr<std::shared_ptr<File>> HostRegular::Open(const Caller& caller,
                                                 const Path& path,
                                                 uint32_t flags) {
  FL_TRY(backing_->Open());
  Revalidate();
  return RegularInode::Open(caller, path, flags);
}

}  // namespace faultline::os
