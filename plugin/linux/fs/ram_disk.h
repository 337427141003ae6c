#ifndef FAULTLINE_PLUGIN_LINUX_FS_RAM_DISK_H_
#define FAULTLINE_PLUGIN_LINUX_FS_RAM_DISK_H_

// A disk and a file system on it (--disk SIZE, mounted on /disk): files that
// live elsewhere than in the page cache, without a host's file behind them.
// Their pages are written back, dropped and read again, stores to shared
// mappings of them are tracked, and O_DIRECT goes to the disk. To the guest it
// is an ext2 on /dev/ram1; names and inodes are kept in memory, as tmpfs's.
//
// The disk's bytes lie in host memory, never more than its size; what we keep
// for it is paid for from the machine's own memory, as a swap area is.

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/phys/free_map.h"
#include "guest_mm/phys/slab.h"
#include "plugin/linux/fs/tmpfs.h"

namespace faultline::os {

// Blocks of a page each, taken and given back by number.
class RamDisk {
 public:
  static constexpr size_t kBlockCost = 128;  // a file's map of its blocks

  // ResourceExhausted if the host has no room for it, or the machine none for
  // what we keep of it.
  static absl::StatusOr<std::shared_ptr<RamDisk>> Create(mm::Slab& slab,
                                                         uint64_t bytes,
                                                         mm::PageShift shift);
  ~RamDisk();
  RamDisk(const RamDisk&) = delete;
  RamDisk& operator=(const RamDisk&) = delete;

  mm::PageShift shift() const { return shift_; }
  uint64_t blocks() const { return blocks_; }
  uint64_t free() const { return free_.count(); }
  // A block of zeros. kENOSPC.
  ErrnoOr<uint64_t> Take();
  void Give(uint64_t block) { free_.Insert(block); }
  std::byte* Data(uint64_t block) { return bytes_ + (block << shift_.value()); }

 private:
  RamDisk(std::byte* bytes, uint64_t blocks, mm::PageShift shift,
          mm::Slab::Charge charge);

  std::byte* const bytes_;
  const uint64_t blocks_;
  const mm::PageShift shift_;
  mm::FreeMap free_;
  mm::Slab::Charge charge_;
};

// One file's blocks; a block is taken when first written to.
class RamDiskBacking final : public mm::Backing {
 public:
  explicit RamDiskBacking(std::shared_ptr<RamDisk> disk)
      : disk_(std::move(disk)) {}
  ~RamDiskBacking() override { Truncate(0); }

  ErrnoOr<Done> ReadPage(uint64_t offset, absl::Span<std::byte> to) override;
  ErrnoOr<Done> WritePage(uint64_t offset,
                          absl::Span<const std::byte> from) override;
  void Truncate(uint64_t size) override;

 private:
  // Calls fn(page of the file, offset in it, bytes before, count) for each
  // block's part of the range, until one fails.
  template <typename Fn>
  ErrnoOr<Done> ForEachBlock(uint64_t offset, size_t bytes, Fn fn);

  std::shared_ptr<RamDisk> disk_;
  std::map<uint64_t, uint64_t> blocks_;  // by page of the file
};

class RamDiskFs final : public Tmpfs {
 public:
  RamDiskFs(const FsClock& clock, mm::PhysMem& phys,
            std::shared_ptr<mm::Slab> slab, std::shared_ptr<RamDisk> disk)
      : Tmpfs("ext2", 0xef53, DevId{1, 1}, clock, phys, std::move(slab)),
        disk_(std::move(disk)) {}
  std::unique_ptr<mm::Backing> NewBacking() override {
    return std::make_unique<RamDiskBacking>(disk_);
  }
  KStatfs Statfs() const override;

 private:
  std::shared_ptr<RamDisk> disk_;
};

class Vfs;

// Mounts a fresh disk of `bytes` on /disk. Fails as RamDisk::Create() and
// Vfs::MountAt() do.
absl::Status MountRamDisk(Vfs& vfs, uint64_t bytes);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_RAM_DISK_H_
