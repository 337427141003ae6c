#include "plugin/linux/fs/ram_disk.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "plugin/linux/fs/vfs.h"

namespace faultline::os {

absl::StatusOr<std::shared_ptr<RamDisk>> RamDisk::Create(mm::Slab& slab,
                                                         uint64_t bytes,
                                                         mm::PageShift shift) {
  const uint64_t blocks = bytes >> shift.value();
  ErrnoOr<mm::Slab::Charge> charge = slab.Take(blocks * kBlockCost);
  if (!charge.ok()) {
    return absl::ResourceExhaustedError(absl::StrFormat(
        "the machine has too little memory for a disk of %d bytes", bytes));
  }
  void* const map =
      blocks == 0
          ? MAP_FAILED
          : mmap(nullptr, blocks << shift.value(), PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        absl::StrFormat("no room for a disk of %d bytes", bytes));
  }
  return std::shared_ptr<RamDisk>(new RamDisk(
      static_cast<std::byte*>(map), blocks, shift, *std::move(charge)));
}

RamDisk::RamDisk(std::byte* bytes, uint64_t blocks, mm::PageShift shift,
                 mm::Slab::Charge charge)
    : bytes_(bytes),
      blocks_(blocks),
      shift_(shift),
      free_(blocks),
      charge_(std::move(charge)) {
  for (uint64_t block = 0; block < blocks; ++block) {
    free_.Insert(block);
  }
}

RamDisk::~RamDisk() { munmap(bytes_, blocks_ << shift_.value()); }

ErrnoOr<uint64_t> RamDisk::Take() {
  if (free_.empty()) {
    return Errno::kENOSPC;
  }
  const uint64_t block = free_.First();
  free_.Erase(block);
  std::memset(Data(block), 0, shift_.bytes());
  return block;
}

template <typename Fn>
ErrnoOr<Done> RamDiskBacking::ForEachBlock(uint64_t offset, size_t bytes,
                                           Fn fn) {
  const mm::PageShift shift = disk_->shift();
  for (size_t done = 0; done < bytes;) {
    const uint64_t at = offset + done;
    const size_t in_block = at & shift.mask();
    const size_t n = std::min<size_t>(bytes - done, shift.bytes() - in_block);
    FL_TRY(fn(at >> shift.value(), in_block, done, n));
    done += n;
  }
  return kDone;
}

ErrnoOr<Done> RamDiskBacking::ReadPage(uint64_t offset,
                                       absl::Span<std::byte> to) {
  return ForEachBlock(
      offset, to.size(),
      [&](uint64_t index, size_t in_block, size_t done, size_t n) {
        const auto it = blocks_.find(index);
        if (it == blocks_.end()) {
          std::memset(to.data() + done, 0, n);
        } else {
          std::memcpy(to.data() + done, disk_->Data(it->second) + in_block, n);
        }
        return ErrnoOr<Done>(kDone);
      });
}

ErrnoOr<Done> RamDiskBacking::WritePage(uint64_t offset,
                                        absl::Span<const std::byte> from) {
  return ForEachBlock(offset, from.size(),
                      [&](uint64_t index, size_t in_block, size_t done,
                          size_t n) -> ErrnoOr<Done> {
                        auto it = blocks_.find(index);
                        if (it == blocks_.end()) {
                          FL_ASSIGN(const uint64_t block, disk_->Take());
                          it = blocks_.emplace(index, block).first;
                        }
                        std::memcpy(disk_->Data(it->second) + in_block,
                                    from.data() + done, n);
                        return kDone;
                      });
}

void RamDiskBacking::Truncate(uint64_t size) {
  const mm::PageShift shift = disk_->shift();
  const uint64_t in_last = size & shift.mask();
  const uint64_t first_gone = (size >> shift.value()) + (in_last != 0 ? 1 : 0);
  for (auto it = blocks_.lower_bound(first_gone); it != blocks_.end();) {
    disk_->Give(it->second);
    it = blocks_.erase(it);
  }
  const auto last = blocks_.find(size >> shift.value());
  if (in_last != 0 && last != blocks_.end()) {
    std::memset(disk_->Data(last->second) + in_last, 0,
                shift.bytes() - in_last);
  }
}

KStatfs RamDiskFs::Statfs() const {
  KStatfs s = Tmpfs::Statfs();
  s.block_size = disk_->shift().bytes();
  s.blocks = disk_->blocks();
  s.blocks_free = s.blocks_available = disk_->free();
  return s;
}

absl::Status MountRamDisk(Vfs& vfs, uint64_t bytes) {
  auto disk = RamDisk::Create(*vfs.slab(), bytes, vfs.phys().page_shift());
  if (!disk.ok()) {
    return disk.status();
  }
  auto fs = std::make_shared<RamDiskFs>(vfs.clock(), vfs.phys(), vfs.slab(),
                                        *std::move(disk));
  return vfs.MountAt("/disk", TmpfsDir::MakeRoot(fs, 01777), ReadOnly::kNo,
                     "/dev/ram1");
}

}  // namespace faultline::os
