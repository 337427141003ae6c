#ifndef FAULTLINE_GUEST_MM_UFFD_MFILL_HUGETLB_H_
#define FAULTLINE_GUEST_MM_UFFD_MFILL_HUGETLB_H_

// One huge page of a fill. Linux: mm/hugetlb.c hugetlb_mfill_atomic_pte(), and
// what mfill_atomic_hugetlb() does around it.

#include <optional>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/uffd/mfill.h"
#include "guest_mm/uffd/mfill_page.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

struct HugeFill {
  UffdFill kind = UffdFill::kCopy;  // not kZero
  FillWp wp = FillWp::kNo;
  GuestAddr at{};                // the first address of the huge page
  GuestAddr source{};            // kCopy
  AddressSpace* from = nullptr;  // kCopy
};

// Maps a page of the pool at `fill.at`, in `vma`, which is one of hugetlb's.
// mmap_lock is held for reading.
//
// `bytes` is empty, or a page of that size with what is to be copied: it is
// used up then, whatever the answer. kENOENT: the source is not in memory;
// `bytes` is then a page for it, which the caller fills with the locks dropped
// before he comes again. kEEXIST: a page is mapped there, or in the file.
// kENOMEM: the pool is empty (behaviour uffd-empty-pool), no memory.
// kEFAULT: beyond the file's end, or it has no page to go on with. kEIO: that
// page is poisoned. On failure the pool is as it was.
ErrnoOr<Done> FillHugePage(AddressSpace& mm, Vma& vma, const HugeFill& fill,
                           std::optional<Pfn>& bytes);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_MFILL_HUGETLB_H_
