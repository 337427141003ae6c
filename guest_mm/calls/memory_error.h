#ifndef FAULTLINE_GUEST_MM_CALLS_MEMORY_ERROR_H_
#define FAULTLINE_GUEST_MM_CALLS_MEMORY_ERROR_H_

// A memory error on order: MADV_HWPOISON and MADV_SOFT_OFFLINE. Linux:
// mm/madvise.c madvise_inject_error(), mm/memory-failure.c memory_failure(),
// soft_offline_page().
//
// MADV_HWPOISON: the page's entries, in every address space, become poison
// entries, whose access is SIGBUS; its frame is never used again. A clean page
// of a file is only forgotten: the next access reads it anew. One that cannot
// be read anew stays in the cache, where it is an error to read. A transparent
// huge page is split first; of one of a pool all is lost
// (hugetlb/huge_page_error.h).
//
// MADV_SOFT_OFFLINE: the frame is never used again, but nothing is lost: what
// was in it moves elsewhere.

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/rmap/memory_error_report.h"

namespace faultline::mm {

// Poisons the pages of the range one by one, faulting them in first. Takes its
// locks itself. kEFAULT: nothing can be had there, or it is poisoned already.
// kEBUSY: the page of zeros, one of a huge page that cannot be split, or one
// that is in swap for others. Those before stay so.
ErrnoOr<Done> InjectMemoryErrors(AddressSpace& mm, GuestRange range,
                                 MemoryErrorReport report);

// The same for frames to be given up in time. kEFAULT: nothing can be had
// there. kEIO: the page of zeros. kEBUSY: it cannot be moved. kEOPNOTSUPP: not
// wanted (enable_soft_offline).
ErrnoOr<Done> SoftOfflinePages(AddressSpace& mm, GuestRange range);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_MEMORY_ERROR_H_
