#ifndef FAULTLINE_GUEST_MM_HUGETLB_HUGE_PAGE_ERROR_H_
#define FAULTLINE_GUEST_MM_HUGETLB_HUGE_PAGE_ERROR_H_

// Memory errors in huge pages of a pool: one bad frame makes the whole page
// useless, for an entry cannot leave a part out. Linux: mm/memory-failure.c
// try_memory_failure_hugetlb(), me_huge_page(), and soft_offline_in_use_page()
// for huge pages; mm/hugetlb.c dissolve_free_hugetlb_folio().
//
// Once nobody has it any more, such a page leaves its pool: the good frames are
// free, the bad one is out of use (PhysMem::FreeBlock()).

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/rmap/memory_error_report.h"

namespace faultline::mm {

// Where a huge page was found: what has to be locked so that no fault brings
// it back.
struct HugePagePlace {
  std::shared_ptr<MappedFile> file;
  uint64_t index = 0;  // in huge pages
};

// The frame `bad`, which is of a huge page that the caller holds a reference
// to, is lost: all entries of the page, in every space, become poison entries.
// A page of a file stays the file's, and what is left of it can be read by
// calls; nobody gets it after that. kEFAULT: it is lost already, or not there
// any more.
ErrnoOr<Done> PoisonHugePage(MemoryManager& system, const HugePagePlace& place,
                             Pfn bad, MemoryErrorReport report);

// The frame `bad` is to be used no more, but nothing is lost: the huge page
// moves to another of its pool, which is one smaller from now on. The caller's
// reference is to the old one. kEBUSY: none is free, or somebody else uses it.
ErrnoOr<Done> SoftOfflineHugePage(MemoryManager& system,
                                  const HugePagePlace& place, Pfn bad);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_HUGE_PAGE_ERROR_H_
