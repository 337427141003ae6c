#ifndef FAULTLINE_GUEST_MM_THP_COLLAPSE_FILE_H_
#define FAULTLINE_GUEST_MM_THP_COLLAPSE_FILE_H_

// From base pages to a huge one in the page cache: of shmem or, if the machine
// has it (behaviour file-thp), of a file that nobody may write to. Linux 6.12:
// mm/khugepaged.c hpage_collapse_scan_file() and collapse_file().
//
// Life of such a collapse, without any mmap_lock: the pages are looked at -> a
// huge folio is allocated, locked -> each page, from the first on, is brought
// in if it is in swap, locked, taken off its LRU list and unmapped everywhere;
// a reference too many ends it -> now nobody can reach them, and they are
// copied; where there is none, zeros -> under i_mmap it is made sure that
// nobody has filled a hole meanwhile -> the folio takes their places in the
// cache -> the tables that could lead to it whole are taken away
// (retract_page_tables.h) -> the old pages are let go. Who wants one meanwhile
// waits for its lock and then looks again. MADV_COLLAPSE then maps the folio
// where it was asked for (collapse_pte_mapped.h); after khugepaged faults do.

#include "guest_mm/thp/collapse.h"

namespace faultline::mm {

// All pages are locked and unmapped; copied; and replaced.
inline constexpr PointSite kFileIsolatedPoint{"collapse.file.isolated"};
inline constexpr PointSite kFileCopiedPoint{"collapse.file.copied"};
inline constexpr PointSite kFileReplacedPoint{"collapse.file.replaced"};

// As CollapseAnon(), for a mapping of a file; mmap_lock is always given back
// (`*locked` is false).
ScanResult CollapseFile(AddressSpace& mm, Vma& vma, GuestAddr a, CollapseBy by,
                        bool* locked);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_COLLAPSE_FILE_H_
