#ifndef FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_RANGE_H_
#define FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_RANGE_H_

// What the memory calls do to the entries of a hugetlb VMA: the counterparts of
// pgtable/range_ops.h, which calls them. Ranges are whole huge pages of the
// VMA. Linux: mm/hugetlb.c, the function named with each.

#include <cstdint>

#include "guest_mm/base/access.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// Drops the pages of `range`. Private pages of the owner are reserved again.
// What userfaultfd protects stays so, with kKeep.
// mmap_lock is held. unmap_hugepage_range().
void ZapHugetlbRange(Vma& vma, GuestRange range, Markers markers);
// The same for a file that loses pages, private copies of them included.
// i_mmap_lock is held. A VMA at which somebody else is at work is left out: the
// caller comes again, with the page's fault mutex. hugetlb_vmdelete_list().
void ZapHugetlbFileRange(Vma& vma, GuestRange range);
// Takes `page` out of the children of `owner`, which has it at `address` and
// cannot have another: they have no right to it. unmap_ref_private().
void UnmapHugetlbFromChildren(Vma& owner, GuestAddr address, Pfn page);

// fork: private pages become read-only in both. kENOMEM leaves a partial copy
// that ZapHugetlbRange can take down. copy_hugetlb_page_range().
ErrnoOr<Done> CopyHugetlbRange(Vma& dst, Vma& src);
// Returns the number of base pages changed. hugetlb_change_protection().
uint64_t ChangeHugetlbProtection(Vma& vma, GuestRange range, Prot prot);
// mremap. Returns the bytes moved; short if a table could not be allocated.
// move_hugetlb_page_tables().
uint64_t MoveHugetlbEntries(Vma& vma, GuestRange from, GuestAddr to);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_RANGE_H_
