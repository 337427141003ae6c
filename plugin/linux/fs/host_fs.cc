#include "plugin/linux/fs/host_fs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "plugin/linux/fs/host_node.h"

namespace faultline::os {
namespace {

Timestamp FromHost(const struct timespec& t) {
  return Timestamp::FromTimespec(t.tv_sec, t.tv_nsec);
}

}  // namespace

uint64_t HostFs::GuestIno(dev_t dev, ino_t ino) {
  const auto [it, is_new] = numbers_.try_emplace({dev, ino}, 0);
  if (is_new) {
    it->second = NextIno();
  }
  return it->second;
}

template <typename T>
std::shared_ptr<Inode> HostFs::Keep(const std::shared_ptr<HostFs>& self,
                                    HostIno id, T* inode) {
  // The inode holds the file system while it is being deleted, but not after.
  return std::shared_ptr<T>(inode, [self, id](T* going) {
    const uint64_t number = going->ino();
    struct stat st = {};
    const HostFd* fd = going->host_fd();
    const bool removed =
        fd != nullptr && ::fstat(fd->get(), &st) == 0 && st.st_nlink == 0;
    delete going;
    // Its end may have waited, and another been made in its place.
    if (const auto it = self->living_.find(number);
        it != self->living_.end() && it->second.expired()) {
      self->living_.erase(it);
      if (removed) {
        self->numbers_.erase(id);
      }
    }
  });
}

ErrnoOr<std::shared_ptr<Inode>> HostFs::Adopt(
    const std::shared_ptr<HostFs>& self, HostFd fd) {
  struct stat st = {};
  if (::fstat(fd.get(), &st) != 0) {
    return HostErrno();
  }
  const uint64_t number = GuestIno(st.st_dev, st.st_ino);
  if (const auto known = living_.find(number); known != living_.end()) {
    if (std::shared_ptr<Inode> inode = known->second.lock()) {
      return inode;
    }
  }
  const HostIno id(st.st_dev, st.st_ino);
  std::shared_ptr<Inode> inode;
  switch (st.st_mode & kS_IFMT) {
    case kS_IFDIR:
      inode =
          Keep(self, id, new HostDir(self, number, st.st_mode, std::move(fd)));
      break;
    case kS_IFREG:
      inode = Keep(self, id,
                   new HostRegular(self, number, st,
                                   std::make_shared<HostFd>(std::move(fd))));
      break;
    case kS_IFLNK:
      inode = Keep(self, id, new HostSymlink(self, number, std::move(fd)));
      break;
    default:
      inode = Keep(self, id, new HostSpecial(self, number, st));
      break;
  }
  living_[number] = inode;
  return inode;
}

void HostFs::Sync() {
  if (read_only()) {
    return;
  }
  for (const auto& [number, known] : living_) {
    if (const auto file =
            std::dynamic_pointer_cast<HostRegular>(known.lock())) {
      (void)file->WriteBack();
    }
  }
}

void HostFs::DropCaches() {
  for (const auto& [number, known] : living_) {
    if (const auto file =
            std::dynamic_pointer_cast<HostRegular>(known.lock())) {
      file->mapping().DropClean();
    }
  }
}

KStat HostStat(const Inode& inode, const struct stat& st) {
  KStat s;
  s.dev = inode.fs().dev();
  s.ino = inode.ino();
  s.mode = st.st_mode;
  s.rdev = inode.rdev();
  s.size = uint64_t(st.st_size);
  if (static_cast<const HostFs&>(inode.fs()).read_only()) {
    // Only what is the file's own: a run must repeat on another machine, where
    // the same file was copied at another time to another file system.
    constexpr uint64_t kBlock = 4096;
    s.size = inode.is_dir() ? kBlock : s.size;
    s.nlink = 1;  // of a directory: "not told" (find(1) then looks itself)
    s.blocks = (s.size + kBlock - 1) / kBlock * (kBlock / 512);
    s.atime = s.mtime = s.ctime = inode.fs().clock().epoch();
    return s;
  }
  s.nlink = uint32_t(st.st_nlink);
  s.blocks = uint64_t(st.st_blocks);
  s.atime = s.mtime = FromHost(st.st_mtim);  // looking leaves no trace
  s.ctime = FromHost(st.st_ctim);
  return s;
}

ErrnoOr<Done> HostSetAttr(const HostFd& fd, const AttrChange& change) {
  if (change.uid.value_or(0) != 0 || change.gid.value_or(0) != 0) {
    return Errno::kEPERM;  // the host's owners are not the guest's to give
  }
  const std::string path = fd.ProcPath();
  if (change.mode && ::chmod(path.c_str(), *change.mode & kHostModeBits) != 0) {
    return HostErrno();
  }
  if (change.atime || change.mtime) {
    struct timespec times[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
    if (change.atime) {
      times[0] = {change.atime->sec(), change.atime->nsec()};
    }
    if (change.mtime) {
      times[1] = {change.mtime->sec(), change.mtime->nsec()};
    }
    if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) {
      return HostErrno();
    }
  }
  return kDone;
}

HostSpecial::HostSpecial(std::shared_ptr<HostFs> fs, uint64_t ino,
                         const struct stat& st)
    : Inode(std::move(fs), ino, st.st_mode) {
  rdev_ = {major(st.st_rdev), minor(st.st_rdev)};
}

KStat HostSymlink::Stat() {
  struct stat st = {};
  return ::fstat(fd_.get(), &st) == 0 ? HostStat(*this, st) : Inode::Stat();
}

ErrnoOr<std::string> HostSymlink::ReadLink(const Caller&) {
  std::string target(4096, '\0');
  const ssize_t n = ::readlinkat(fd_.get(), "", target.data(), target.size());
  if (n < 0) {
    return HostErrno();
  }
  target.resize(size_t(n));
  return target;
}

absl::StatusOr<std::shared_ptr<Inode>> OpenHostRoot(const std::string& path,
                                                    ReadOnly read_only,
                                                    DevId dev,
                                                    const FsClock& clock,
                                                    mm::PhysMem& phys) {
  HostFd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!fd.ok()) {
    return absl::ErrnoToStatus(errno, path);
  }
  if (::access(fd.ProcPath().c_str(), F_OK) != 0) {
    return absl::FailedPreconditionError(
        "/proc is not mounted on this host: its files are opened through that");
  }
  const auto fs = std::make_shared<HostFs>(dev, clock, phys, read_only);
  ErrnoOr<std::shared_ptr<Inode>> inode = fs->Adopt(fs, std::move(fd));
  if (!inode.ok()) {
    return absl::ErrnoToStatus(int(inode.error()), path);
  }
  if (!(*inode)->is_dir() && !(*inode)->is_regular()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is neither a directory nor a regular file"));
  }
  return *std::move(inode);
}

}  // namespace faultline::os
