#ifndef FAULTLINE_GUEST_MM_UFFD_MOVE_PAGE_H_
#define FAULTLINE_GUEST_MM_UFFD_MOVE_PAGE_H_

// One page of a move. Linux: mm/userfaultfd.c move_pages_pte(),
// mm/huge_memory.c move_pages_huge_pmd(). mmap_lock is held for reading.

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/uffd/move_pages.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

struct PageMove {
  AddressSpace& mm;
  Vma& from_vma;
  Vma& to_vma;
  GuestAddr from;
  GuestAddr to;
  SourceHoles holes = SourceHoles::kRefused;
};

// Tables for both places exist. kEAGAIN: something changed, look again. Else as
// UffdMovePages().
ErrnoOr<Done> MovePage(const PageMove& move);

// `from` is at a huge entry, there is neither page nor table at `to`.
ErrnoOr<Done> MoveHugePage(const PageMove& move);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_MOVE_PAGE_H_
