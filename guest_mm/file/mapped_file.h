#ifndef FAULTLINE_GUEST_MM_FILE_MAPPED_FILE_H_
#define FAULTLINE_GUEST_MM_FILE_MAPPED_FILE_H_

// MappedFile: an open file as the memory manager sees it (Linux: struct file
// in vma->vm_file). The OS personality implements it; a VMA keeps it alive.

#include <cstdint>
#include <memory>
#include <string>

#include "guest_mm/base/errno.h"

namespace faultline::mm {

class HugetlbFile;
class Mapping;

class MappedFile {
 public:
  virtual ~MappedFile() = default;
  // The page cache behind it; outlives this.
  virtual Mapping& mapping() = 0;
  // What /proc/PID/maps shows, " (deleted)" included.
  virtual std::string MapsName() const = 0;
  virtual uint32_t dev_major() const = 0;
  virtual uint32_t dev_minor() const = 0;
  virtual uint64_t ino() const = 0;
  // Drops the bytes from `offset` on, for MADV_REMOVE (vfs_fallocate() with
  // FALLOC_FL_PUNCH_HOLE); takes the file's own locks, with mmap_lock not held.
  // kEPERM, with nothing dropped: sealed.
  virtual ErrnoOr<Done> PunchHole(uint64_t offset, uint64_t length);
  // Has no name in a file system (i_nlink of 0): shared anonymous memory, what
  // memfd_create() made, what was unlinked.
  virtual bool unnamed() const { return false; }
  // Sealed against writing (memfd): no shared mapping may become writable.
  virtual bool write_sealed() const { return false; }
  // Who made it counts its VMAs (SysV shared memory; vm_ops->close()): none of
  // them goes by becoming a part of another, and faults map one page alone.
  virtual bool counts_vmas() const { return false; }
  // /dev/zero: private mappings are anonymous memory that keeps its name,
  // shared ones an object of their own. mapping() is not for use.
  virtual bool is_zero_device() const { return false; }
  // A file in huge pages (is_file_hugepages()); null: of base pages, which are
  // in mapping().
  virtual HugetlbFile* hugetlb() { return nullptr; }
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FILE_MAPPED_FILE_H_
