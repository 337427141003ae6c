#ifndef FAULTLINE_PLUGIN_LINUX_FS_HUGETLBFS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_HUGETLBFS_H_

// Hugetlbfs: files in huge pages of one size (mm::HugetlbFile). Directories and
// names are a tmpfs's. Linux: fs/hugetlbfs/inode.c.

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "guest_mm/file/mapped_file.h"
#include "guest_mm/hugetlb/hugetlb_file.h"
#include "plugin/linux/fs/hugetlbfs_options.h"
#include "plugin/linux/fs/path_file.h"
#include "plugin/linux/fs/regular_file.h"
#include "plugin/linux/fs/seals.h"
#include "plugin/linux/fs/tmpfs.h"

namespace faultline::mm {
class MemoryManager;
}

namespace faultline::os {

class Vfs;

inline constexpr uint64_t kHugetlbfsMagic = 0x958458f6;

class Hugetlbfs final : public Tmpfs {
 public:
  // `subpool`: what size= and min_size= say; null: nothing. `shown`: its
  // options in /proc/mounts.
  Hugetlbfs(DevId dev, const FsClock& clock, mm::PhysMem& phys,
            std::shared_ptr<mm::Slab> slab, mm::Hugetlb& hugetlb,
            mm::HugePagePool& pool,
            std::shared_ptr<mm::HugePageSubpool> subpool,
            std::string shown = "")
      : Tmpfs("hugetlbfs", kHugetlbfsMagic, dev, clock, phys, std::move(slab)),
        hugetlb_(hugetlb),
        pool_(pool),
        subpool_(std::move(subpool)),
        shown_(std::move(shown)) {}

  mm::Hugetlb& hugetlb() { return hugetlb_; }
  mm::HugePagePool& pool() { return pool_; }
  const std::shared_ptr<mm::HugePageSubpool>& subpool() const {
    return subpool_;
  }
  std::shared_ptr<Inode> NewRegular(const std::shared_ptr<Tmpfs>& self,
                                    const NewNode& what) override;
  KStatfs Statfs() const override;
  std::string ShowOptions() const override { return shown_; }
  uint32_t dir_block_size() const override { return uint32_t(pool_.bytes()); }

 private:
  mm::Hugetlb& hugetlb_;
  mm::HugePagePool& pool_;
  std::shared_ptr<mm::HugePageSubpool> subpool_;
  const std::string shown_;
};

// A new one, by its root directory. kENOMEM: the pool does not have the
// minimum.
ErrnoOr<std::shared_ptr<Inode>> NewHugetlbfs(Vfs& vfs, mm::Hugetlb& hugetlb,
                                             DevId dev,
                                             const HugetlbfsOptions& options);

// Mounts one of the default size at /dev/hugepages, as distributions do.
absl::Status MountHugetlbfs(Vfs& vfs, mm::MemoryManager& memory);

class HugetlbfsInode final : public Inode {
 public:
  HugetlbfsInode(const std::shared_ptr<Hugetlbfs>& fs, const NewNode& what);

  mm::HugetlbFile& file() { return file_; }
  mm::PhysMem& phys() { return phys_; }
  uint64_t size() const override { return file_.size(); }
  KStat Stat() override;
  // kEINVAL if not whole huge pages; kEPERM if sealed.
  ErrnoOr<Done> Truncate(uint64_t size) override;
  ErrnoOr<std::shared_ptr<File>> Open(const Caller& caller, const Path& path,
                                      uint32_t flags) override;
  // fallocate(2). kEOPNOTSUPP, kEPERM, kENOSPC, kEINTR.
  ErrnoOr<Done> Allocate(int mode, uint64_t offset, uint64_t length);
  // hugetlbfs_read_iter(): as RegularInode::ReadPages().
  ErrnoOr<uint64_t> ReadPages(uint64_t offset, IovIter& to);

  uint32_t seals() const { return seals_; }
  void set_seals(uint32_t seals) { seals_ = seals; }
  ErrnoOr<Done> AddSeals(uint32_t seals);

 private:
  mm::PhysMem& phys_;
  uint32_t seals_ = kSealSeal;
  mm::HugetlbFile file_;
};

class HugetlbfsFile final : public PathFile, public mm::MappedFile {
 public:
  HugetlbfsFile(Path path, std::shared_ptr<HugetlbfsInode> inode,
                uint32_t flags)
      : PathFile(std::move(path), flags), inode_(std::move(inode)) {}

  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override;
  ErrnoOr<uint64_t> ReadAt(Task& task, uint64_t offset,
                           absl::Span<std::byte> to) override;
  ErrnoOr<uint64_t> ReadIter(Task& task, IovIter& to) override;
  ErrnoOr<uint64_t> ReadIterAt(Task& task, uint64_t offset,
                               IovIter& to) override;
  // There is no writing but by mapping.
  ErrnoOr<uint64_t> WriteIter(Task&, IovIter&) override {
    return Errno::kEINVAL;
  }
  ErrnoOr<uint64_t> WriteIterAt(Task&, uint64_t, IovIter&) override {
    return Errno::kEINVAL;
  }
  ErrnoOr<uint64_t> Seek(int64_t offset, int whence) override;
  ErrnoOr<uint64_t> Fcntl(Task& task, int command, uint64_t arg) override;
  ErrnoOr<Done> Sync(Task&) override { return kDone; }
  ErrnoOr<Done> Truncate(Task& task, uint64_t size) override;
  ErrnoOr<Done> Allocate(Task& task, int mode, uint64_t offset,
                         uint64_t length) override;
  std::shared_ptr<mm::MappedFile> Mappable() override;
  uint64_t position() const override { return position_; }

  // mm::MappedFile.
  mm::Mapping& mapping() override { return inode_->file().mapping(); }
  mm::HugetlbFile* hugetlb() override { return &inode_->file(); }
  std::string MapsName() const override { return LinkName(); }
  uint32_t dev_major() const override { return inode_->fs().dev().major; }
  uint32_t dev_minor() const override { return inode_->fs().dev().minor; }
  uint64_t ino() const override { return inode_->ino(); }
  ErrnoOr<Done> PunchHole(uint64_t offset, uint64_t length) override;
  bool write_sealed() const override {
    return (inode_->seals() & (kSealWrite | kSealFutureWrite)) != 0;
  }
  bool counts_vmas() const override { return counts_vmas_; }
  void CountVmas() { counts_vmas_ = true; }

 private:
  std::shared_ptr<HugetlbfsInode> inode_;
  mm::Lock position_lock_{kPositionLock};
  uint64_t position_ = 0;
  bool counts_vmas_ = false;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_HUGETLBFS_H_
