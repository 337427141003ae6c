#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdio>
#include <vector>

#include "plugin/linux/fs/host_node.h"

namespace faultline::os {

KStat HostDir::Stat() {
  struct stat st = {};
  return ::fstat(fd_.get(), &st) == 0 ? HostStat(*this, st) : Inode::Stat();
}

ErrnoOr<Done> HostDir::SetAttr(const AttrChange& change) {
  FL_TRY(HostSetAttr(fd_, change));
  if (change.mode) {
    mode_ = kS_IFDIR | (*change.mode & kHostModeBits);
  }
  return kDone;
}

ErrnoOr<std::shared_ptr<Inode>> HostDir::Find(const std::string& name) {
  HostFd fd(::openat(fd_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.ok()) {
    return HostErrno();  // ENFILE when the host has no descriptor left for us
  }
  return host_->Adopt(host_, std::move(fd));
}

ErrnoOr<std::shared_ptr<Inode>> HostDir::Lookup(const Caller&,
                                                absl::string_view name) {
  // The walk gives single names only; this is what keeps it in the tree.
  FL_CHECK(name != ".." && name.find('/') == name.npos);
  return Find(std::string(name));
}

ErrnoOr<std::shared_ptr<Inode>> HostDir::Create(absl::string_view name,
                                                const NewNode& what) {
  const std::string n(name);
  int result = 0;
  switch (what.mode & kS_IFMT) {
    case kS_IFREG: {
      const HostFd made(
          ::openat(fd_.get(), n.c_str(),
                   O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY,
                   what.mode & kHostModeBits));
      result = made.ok() ? 0 : -1;
      break;
    }
    case kS_IFDIR:
      result = ::mkdirat(fd_.get(), n.c_str(), what.mode & kHostModeBits);
      break;
    case kS_IFLNK:
      result = ::symlinkat(what.target.c_str(), fd_.get(), n.c_str());
      break;
    default:
      return Errno::kEPERM;  // no devices, fifos or sockets on the host
  }
  if (result != 0) {
    return HostErrno();
  }
  return Find(n);
}

ErrnoOr<Done> HostDir::Link(absl::string_view name,
                            const std::shared_ptr<Inode>& target) {
  const auto* file = dynamic_cast<const HostRegular*>(target.get());
  if (file == nullptr) {
    return Errno::kEPERM;
  }
  if (::linkat(AT_FDCWD, file->fd().ProcPath().c_str(), fd_.get(),
               std::string(name).c_str(), AT_SYMLINK_FOLLOW) != 0) {
    return HostErrno();
  }
  return kDone;
}

ErrnoOr<Done> HostDir::Unlink(absl::string_view name, Inode& victim) {
  if (::unlinkat(fd_.get(), std::string(name).c_str(),
                 victim.is_dir() ? AT_REMOVEDIR : 0) != 0) {
    return HostErrno();
  }
  if (victim.is_dir()) {
    victim.AdjustLinks(-int(victim.nlink()));
  }
  return kDone;
}

ErrnoOr<Done> HostDir::Rename(absl::string_view name, Inode&,
                              const RenameTo& to) {
  if (::renameat2(fd_.get(), std::string(name).c_str(),
                  static_cast<HostDir&>(to.dir).fd_.get(),
                  std::string(to.name).c_str(),
                  to.exchange ? RENAME_EXCHANGE : 0) != 0) {
    return HostErrno();
  }
  return kDone;
}

ErrnoOr<Done> HostDir::ReadDir(const Caller&, uint64_t& position,
                               DirSink sink) {
  const int fd =
      ::open(fd_.ProcPath().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return HostErrno();
  }
  struct stat st = {};
  if (::fstat(fd, &st) != 0) {
    ::close(fd);
    return HostErrno();
  }
  struct Found {
    ino_t ino;
    uint8_t type;
  };
  std::map<std::string, Found> names;
  DIR* dir = ::fdopendir(fd);  // owns fd now
  if (dir == nullptr) {
    ::close(fd);
    return Errno::kENOMEM;  // the only reason left
  }
  while (const struct dirent* e = ::readdir(dir)) {
    const std::string name = e->d_name;
    if (name != "." && name != "..") {
      names[name] = {e->d_ino, e->d_type};
    }
  }
  ::closedir(dir);
  std::erase_if(cookies_, [&names](const auto& known) {
    return !names.contains(known.first);
  });
  std::map<uint64_t, std::string> order;
  for (const auto& [name, found] : names) {
    uint64_t& cookie = cookies_[name];
    if (cookie == 0) {
      cookie = next_cookie_++;
    }
    order[cookie] = name;
  }
  for (auto it = order.lower_bound(position); it != order.end(); ++it) {
    const Found& found = names[it->second];
    if (!sink({it->second, host_->GuestIno(st.st_dev, found.ino), found.type,
               it->first + 1})) {
      return kDone;
    }
    position = it->first + 1;
  }
  return kDone;
}

}  // namespace faultline::os
