#ifndef FAULTLINE_GUEST_MM_THP_SCAN_RESULT_H_
#define FAULTLINE_GUEST_MM_THP_SCAN_RESULT_H_

// How an attempt to collapse base pages into a huge one ended. Linux:
// mm/khugepaged.c enum scan_result; the names are those of its trace events
// (include/trace/events/huge_memory.h).

#include <cstdint>
#include <string_view>

#include "guest_mm/base/errno.h"

namespace faultline::mm {

enum class ScanResult : uint8_t {
  kFail,
  kSucceed,
  kPmdNull,             // no table where the entries would be
  kPmdNone,             // nothing mapped there at all
  kPmdMapped,           // huge already
  kExceedNonePte,       // more empty entries than max_ptes_none
  kExceedSwapPte,       // more swapped-out pages than max_ptes_swap
  kExceedSharedPte,     // more shared pages than max_ptes_shared
  kPteNonPresent,       // an entry that is neither empty nor a page
  kPteUffdWp,           // write-protected by userfaultfd
  kPteMappedHugepage,   // a huge folio, mapped page by page
  kPageRo,              // no writable entry among them
  kLackReferencedPage,  // nobody has used them lately
  kPageNull,            // an entry without a page of ours
  kScanAbort,           // spread over too many nodes
  kPageCount,           // somebody holds a reference (a pin)
  kPageLru,
  kPageLocked,  // somebody has locked one
  kPageAnon,    // not anonymous where that was expected, or the reverse
  kPageCompound,
  kAnyProcess,  // the process is going, or wants no huge pages
  kVmaNull,
  kVmaCheck,      // the mapping may have none (HugeAllowed())
  kAddressRange,  // it does not fit
  kDelPageLru,
  kAllocHugePageFail,  // no block that large is free
  kCgroupChargeFail,
  kTruncated,
  kPageHasPrivate,
  kStoreFailed,
  kCopyMc,
  kPageFilled,
  kPageDirtyOrWriteback,
};
inline constexpr int kScanResults = 33;

// "exceed_none_pte", "no_writable_page", ...
std::string_view ToString(ScanResult result);

// What MADV_COLLAPSE answers for it: madvise_collapse_errno().
Errno CollapseErrno(ScanResult result);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_SCAN_RESULT_H_
