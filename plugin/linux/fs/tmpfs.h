#ifndef FAULTLINE_PLUGIN_LINUX_FS_TMPFS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_TMPFS_H_

// Tmpfs: files in memory: the machine's root, /tmp, /dev, /dev/shm, memfds.
// Linux: mm/shmem.c. Inodes live as long as a name or an open file does.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "guest_mm/file/mapping.h"
#include "guest_mm/file/shmem_mount.h"
#include "guest_mm/phys/slab.h"
#include "plugin/linux/fs/inode.h"

namespace faultline::os {

inline constexpr uint64_t kTmpfsMagic = 0x01021994;

class Tmpfs : public FileSystem {
 public:
  // File contents are frames of `phys`; names and inodes `slab` pays for. With
  // no `mount` it is the kernel's own.
  Tmpfs(DevId dev, const FsClock& clock, mm::PhysMem& phys,
        std::shared_ptr<mm::Slab> slab,
        std::shared_ptr<mm::ShmemMount> mount = nullptr)
      : FileSystem("tmpfs", kTmpfsMagic, dev, clock),
        phys_(phys),
        slab_(std::move(slab)),
        mount_(std::move(mount)) {}
  const std::shared_ptr<mm::ShmemMount>& mount() const { return mount_; }
  // Where a new file's bytes are to live; null: in memory only.
  virtual std::unique_ptr<mm::Backing> NewBacking() { return nullptr; }
  mm::PhysMem& phys() { return phys_; }
  mm::Slab& slab() { return *slab_; }
  KStatfs Statfs() const override;
  // st_blksize of what is not a regular file.
  virtual uint32_t dir_block_size() const { return 4096; }
  // A regular file of this file system, which `self` is.
  virtual std::shared_ptr<Inode> NewRegular(const std::shared_ptr<Tmpfs>& self,
                                            const NewNode& what);

 protected:
  // Another file system whose names and inodes are kept in memory.
  Tmpfs(std::string type, uint64_t magic, DevId dev, const FsClock& clock,
        mm::PhysMem& phys, std::shared_ptr<mm::Slab> slab)
      : FileSystem(std::move(type), magic, dev, clock),
        phys_(phys),
        slab_(std::move(slab)) {}

 private:
  mm::PhysMem& phys_;
  std::shared_ptr<mm::Slab> slab_;
  std::shared_ptr<mm::ShmemMount> mount_;
};

class TmpfsDir final : public Inode {
 public:
  TmpfsDir(std::shared_ptr<Tmpfs> fs, const NewNode& what);
  ~TmpfsDir() override;
  // A fresh file system's root.
  static std::shared_ptr<TmpfsDir> MakeRoot(std::shared_ptr<Tmpfs> fs,
                                            uint32_t mode, uint32_t uid = 0,
                                            uint32_t gid = 0);

  uint64_t size() const override { return 40 + 20 * entries_.size(); }
  KStat Stat() override;
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
  ErrnoOr<std::shared_ptr<Inode>> MakeUnnamed(const NewNode& what) override;

 private:
  struct Entry {
    std::shared_ptr<Inode> inode;
    uint64_t cookie;
    mm::Slab::Charge charge;  // for the name, and what is made with it
  };
  std::shared_ptr<Tmpfs> tmpfs() const;
  std::shared_ptr<Inode> NewInode(const NewNode& what);
  // For a name, and for an inode of that kind unless null. kENOSPC.
  ErrnoOr<mm::Slab::Charge> Pay(const NewNode* what);
  void Add(absl::string_view name, std::shared_ptr<Inode> inode,
           mm::Slab::Charge charge);
  Entry Remove(absl::string_view name);
  ErrnoOr<Done> MakeRoomFor(const RenameTo& to);

  std::map<std::string, Entry, std::less<>> entries_;
  // The same by cookie, which grows with every entry made: readdir's order.
  std::map<uint64_t, std::string> order_;
  uint64_t next_cookie_ = 2;
};

// A regular file of a tmpfs that has no name: memfds.
std::shared_ptr<Inode> NewTmpfsFile(const std::shared_ptr<Tmpfs>& fs,
                                    const NewNode& what);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_TMPFS_H_
