#ifndef FAULTLINE_PLUGIN_LINUX_FS_DIRECT_IO_H_
#define FAULTLINE_PLUGIN_LINUX_FS_DIRECT_IO_H_

// O_DIRECT: the user's pages are pinned and given to the DMA engine, which
// moves their bytes from and to where the file lives, past the page cache and
// past the page tables. Linux: fs/iomap/direct-io.c iomap_dio_rw() as ext4 and
// xfs use it, over a disk with blocks of 512 bytes.
//
// docs/direct_io.md tells the story and what may happen on the way.

#include <cstdint>

#include "guest_mm/base/errno.h"

namespace faultline::mm {
class AddressSpace;
}

namespace faultline::os {

class IovIter;
class RegularInode;

// The device's block (bdev_logical_block_size(), and its DMA alignment): file
// offset, address and length of each buffer must be multiples.
inline constexpr uint64_t kDirectBlock = 512;

// Reads from `offset` on into the user memory of `mm`; returns the bytes, no
// more than there are up to the file's end. The inode has a backing, its rwsem
// is held for reading. kEINVAL: not aligned, unless there is nothing to read.
// kEFAULT: a page could not be had; kEIO; kENOMEM. Then too what came before
// may have been moved.
ErrnoOr<uint64_t> DirectRead(RegularInode& inode, mm::AddressSpace& mm,
                             uint64_t offset, IovIter& to);
// The other way; extends the file. rwsem is held for writing. Also kENOSPC.
ErrnoOr<uint64_t> DirectWrite(RegularInode& inode, mm::AddressSpace& mm,
                              uint64_t offset, IovIter& from);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_DIRECT_IO_H_
