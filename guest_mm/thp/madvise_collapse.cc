#include "guest_mm/thp/madvise_collapse.h"

#include <algorithm>

#include "guest_mm/thp/collapse.h"
#include "guest_mm/thp/collapse_file.h"
#include "guest_mm/thp/eligible.h"

namespace faultline::mm {
namespace {

// Failures that say nothing of the huge pages that follow.
bool GoesOnAfter(ScanResult result) {
  switch (result) {
    case ScanResult::kPmdNull:
    case ScanResult::kPteNonPresent:
    case ScanResult::kPteUffdWp:
    case ScanResult::kPageRo:
    case ScanResult::kLackReferencedPage:
    case ScanResult::kPageNull:
    case ScanResult::kPageCount:
    case ScanResult::kPageLocked:
    case ScanResult::kPageCompound:
    case ScanResult::kPageLru:
    case ScanResult::kDelPageLru:
      return true;
    default:
      return false;
  }
}

bool IsHugeNow(ScanResult result) {
  return result == ScanResult::kSucceed || result == ScanResult::kPmdMapped;
}

}  // namespace

ErrnoOr<Done> MadviseCollapse(AddressSpace& mm, Vma& vma,
                              GuestRange part) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!HugeAllowed(vma, ThpFor::kCollapse)) {
    return Errno::kEINVAL;
  }
  const uint64_t huge = mm.system().arch().geometry().HugeBytes();
  const GuestAddr start = part.start.AlignUp(huge);
  GuestAddr end = part.end.AlignDown(huge);
  Vma* v = &vma;
  uint64_t collapsed = 0;
  ScanResult last_failure = ScanResult::kFail;
  bool locked = true;
  for (GuestAddr a = start; a < end; a += huge) {
    if (!locked) {
      mm.mmap_lock().ReadAcquire();
      locked = true;
      const ScanResult still =
          RevalidateVma(mm, a, CollapseBy::kMadvise, Expect::kAnything, &v);
      if (still != ScanResult::kSucceed) {
        last_failure = still;
        break;
      }
      end = std::min(end, v->range.end.AlignDown(huge));
    }
    const ScanResult result =
        v->anonymous() ? CollapseAnon(mm, *v, a, CollapseBy::kMadvise, &locked)
                       : CollapseFile(mm, *v, a, CollapseBy::kMadvise, &locked);
    if (IsHugeNow(result)) {
      ++collapsed;
      continue;
    }
    last_failure = result;
    if (!GoesOnAfter(result)) {
      break;
    }
  }
  if (!locked) {
    mm.mmap_lock().ReadAcquire();
  }
  // A range that holds no whole huge page may end before it starts; that is
  // not "all of them", as Linux's arithmetic has it.
  if (start <= end && collapsed * huge == end - start) {
    return kDone;
  }
  return CollapseErrno(last_failure);
}

}  // namespace faultline::mm
