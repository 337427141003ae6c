#ifndef FAULTLINE_PLUGIN_LINUX_FS_HOST_NODE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_HOST_NODE_H_

// The inodes behind host_fs.h: what a bound directory, file or link is.

#include <sys/stat.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "plugin/linux/fs/host_fd.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/path.h"
#include "plugin/linux/fs/regular_file.h"

namespace faultline::os {

// One bound tree.
class HostFs final : public FileSystem {
 public:
  HostFs(DevId dev, const FsClock& clock, mm::PhysMem& phys, ReadOnly read_only)
      : FileSystem("hostfs", 0x00c0ffee, dev, clock),
        phys_(phys),
        read_only_(read_only) {}

  mm::PhysMem& phys() { return phys_; }
  bool read_only() const { return read_only_ == ReadOnly::kYes; }
  // The guest's number for a host inode: the same whenever it is seen.
  uint64_t GuestIno(dev_t dev, ino_t ino);
  // The inode of what `fd` (O_PATH) refers to: a living one if there is one,
  // so that all of a file's openers share its page cache.
  ErrnoOr<std::shared_ptr<Inode>> Adopt(const std::shared_ptr<HostFs>& self,
                                        HostFd fd);
  void Sync() override;
  void DropCaches() override;

  // How many files it remembers, for tests.
  size_t remembered() const { return numbers_.size(); }
  size_t living() const { return living_.size(); }

 private:
  using HostIno = std::pair<dev_t, ino_t>;
  // The inode, which leaves living_ at its end; and numbers_, if by then the
  // host's file has no name any more: a guest that makes and removes files
  // without end leaves nothing behind.
  template <typename T>
  static std::shared_ptr<Inode> Keep(const std::shared_ptr<HostFs>& self,
                                     HostIno id, T* inode);

  mm::PhysMem& phys_;
  ReadOnly read_only_;
  std::map<HostIno, uint64_t> numbers_;
  std::map<uint64_t, std::weak_ptr<Inode>> living_;  // by guest number
};

// Permission bits that reach the host. Set-user-ID, set-group-ID and sticky do
// not: a guest must not make files that lend their owner's rights on the host.
inline constexpr uint32_t kHostModeBits = 0777;

// What the inodes share: the descriptor, and the host's view of attributes.
KStat HostStat(const Inode& inode, const struct stat& st);
ErrnoOr<Done> HostSetAttr(const HostFd& fd, const AttrChange& change);

class HostDir final : public Inode {
 public:
  HostDir(std::shared_ptr<HostFs> fs, uint64_t ino, uint32_t mode, HostFd fd)
      : Inode(fs, ino, mode), host_(std::move(fs)), fd_(std::move(fd)) {}

  KStat Stat() override;
  ErrnoOr<Done> SetAttr(const AttrChange& change) override;
  ErrnoOr<std::shared_ptr<Inode>> Lookup(const Caller& caller,
                                         absl::string_view name) override;
  ErrnoOr<std::shared_ptr<Inode>> Create(absl::string_view name,
                                         const NewNode& what) override;
  ErrnoOr<Done> Link(absl::string_view name,
                     const std::shared_ptr<Inode>& target) override;
  ErrnoOr<Done> Unlink(absl::string_view name, Inode& victim) override;
  ErrnoOr<Done> Rename(absl::string_view name, Inode& moved,
                       const RenameTo& to) override;
  ErrnoOr<Done> ReadDir(const Caller& caller, uint64_t& position,
                        DirSink sink) override;
  const HostFd* host_fd() const { return &fd_; }

 private:
  ErrnoOr<std::shared_ptr<Inode>> Find(const std::string& name);

  std::shared_ptr<HostFs> host_;
  HostFd fd_;
  // Cookies for readdir, given in order of first sight, names of one listing
  // in alphabetical order. So removing entries while listing skips none. Names
  // that a listing no longer finds go.
  std::map<std::string, uint64_t> cookies_;
  uint64_t next_cookie_ = 2;
};

class HostBacking;

class HostRegular final : public RegularInode {
 public:
  HostRegular(const std::shared_ptr<HostFs>& fs, uint64_t ino,
              const struct stat& st, std::shared_ptr<HostFd> place);
  ~HostRegular() override;

  KStat Stat() override;
  ErrnoOr<Done> SetAttr(const AttrChange& change) override;
  ErrnoOr<Done> Truncate(uint64_t size) override;
  ErrnoOr<Done> Allocate(int mode, uint64_t offset, uint64_t length) override;
  ErrnoOr<std::shared_ptr<File>> Open(const Caller& caller, const Path& path,
                                      uint32_t flags) override;
  const HostFd& fd() const { return *place_; }
  const HostFd* host_fd() const { return place_.get(); }

 private:
  // `backing` becomes the page cache's.
  HostRegular(const std::shared_ptr<HostFs>& fs, uint64_t ino,
              const struct stat& st, std::shared_ptr<HostFd> place,
              HostBacking* backing);
  // The host changed the file since we last looked: forget what we can.
  void Revalidate();

  HostBacking* backing_;  // the mapping's, which lives as long
  std::shared_ptr<HostFd> place_;
  bool read_only_;
  struct timespec seen_mtime_;
};

class HostSymlink final : public Inode {
 public:
  HostSymlink(std::shared_ptr<HostFs> fs, uint64_t ino, HostFd fd)
      : Inode(std::move(fs), ino, kS_IFLNK | 0777), fd_(std::move(fd)) {}
  KStat Stat() override;
  ErrnoOr<std::string> ReadLink(const Caller& caller) override;
  const HostFd* host_fd() const { return &fd_; }

 private:
  HostFd fd_;
};

// Devices, fifos and sockets of the host: seen, and opened as the guest's own
// device of that number or not at all.
class HostSpecial final : public Inode {
 public:
  HostSpecial(std::shared_ptr<HostFs> fs, uint64_t ino, const struct stat& st);
  // Not kept open; a guest can make none, so they are as many as the host has.
  const HostFd* host_fd() const { return nullptr; }
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_HOST_NODE_H_
