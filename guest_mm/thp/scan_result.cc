#include "guest_mm/thp/scan_result.h"

namespace faultline::mm {
namespace {

constexpr std::string_view kNames[] = {
    "failed",
    "succeeded",
    "pmd_null",
    "pmd_none",
    "page_pmd_mapped",
    "exceed_none_pte",
    "exceed_swap_pte",
    "exceed_shared_pte",
    "pte_non_present",
    "pte_uffd_wp",
    "pte_mapped_hugepage",
    "no_writable_page",
    "lack_referenced_page",
    "page_null",
    "scan_aborted",
    "not_suitable_page_count",
    "page_not_in_lru",
    "page_locked",
    "page_not_anon",
    "page_compound",
    "no_process_for_page",
    "vma_null",
    "vma_check_failed",
    "not_suitable_address_range",
    "could_not_delete_page_from_lru",
    "alloc_huge_page_failed",
    "ccgroup_charge_failed",
    "truncated",
    "page_has_private",
    "store_failed",
    "copy_poisoned_page",
    "page_filled",
    "page_dirty_or_writeback",
};
static_assert(sizeof kNames / sizeof kNames[0] == kScanResults);

}  // namespace

std::string_view ToString(ScanResult result) { return kNames[size_t(result)]; }

Errno CollapseErrno(ScanResult result) {
  switch (result) {
    case ScanResult::kAllocHugePageFail:
      return Errno::kENOMEM;
    case ScanResult::kCgroupChargeFail:
    case ScanResult::kExceedNonePte:
      return Errno::kEBUSY;
    case ScanResult::kPageCount:
    case ScanResult::kPageLocked:
    case ScanResult::kPageLru:
    case ScanResult::kDelPageLru:
    case ScanResult::kPageFilled:
    case ScanResult::kPageDirtyOrWriteback:
      return Errno::kEAGAIN;  // trying again might succeed
    default:
      return Errno::kEINVAL;
  }
}

}  // namespace faultline::mm
