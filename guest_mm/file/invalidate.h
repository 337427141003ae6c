#ifndef FAULTLINE_GUEST_MM_FILE_INVALIDATE_H_
#define FAULTLINE_GUEST_MM_FILE_INVALIDATE_H_

#include <cstdint>

namespace faultline::mm {

class Mapping;
class MemoryManager;

// Makes the cache forget the pages of the `length` bytes from `offset` on, so
// that the next use reads them again: they are written back if dirty, and
// unmapped. False if one cannot go (it is pinned, or cannot be written): it and
// those after it stay. Takes page locks and those of the reverse map. Linux:
// mm/filemap.c filemap_write_and_wait_range(), mm/truncate.c
// invalidate_inode_pages2_range().
bool InvalidatePages(MemoryManager& system, Mapping& mapping, uint64_t offset,
                     uint64_t length);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FILE_INVALIDATE_H_
