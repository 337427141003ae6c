#ifndef FAULTLINE_GUEST_MM_THP_THP_STATE_H_
#define FAULTLINE_GUEST_MM_THP_THP_STATE_H_

// What the machine as a whole knows of transparent huge pages: the knobs of
// /sys/kernel/mm/transparent_hugepage, the counts of /proc/vmstat and
// /proc/meminfo, the huge page of zeros. Plain data; MemoryManager owns it.
// Linux: the globals of mm/huge_memory.c and mm/khugepaged.c.

#include <array>
#include <cstdint>
#include <optional>

#include "guest_mm/base/addr.h"
#include "guest_mm/file/shmem_mount.h"
#include "guest_mm/thp/scan_result.h"

namespace faultline::mm {

enum class ThpEnabled : uint8_t { kAlways, kMadvise, kNever };
// How hard an allocation tries. Kept and shown; nothing compacts memory yet.
enum class ThpDefrag : uint8_t {
  kAlways,
  kDefer,
  kDeferMadvise,
  kMadvise,
  kNever
};
// Shmem's knob, in the order in which it shows its words.
enum class ShmemHuge : uint8_t {
  kAlways,
  kWithinSize,
  kAdvise,
  kNever,
  kDeny,
  kForce
};

// The mount option that the knob stands for, if it is one of those.
constexpr std::optional<HugeOption> MountOptionOf(ShmemHuge knob) {
  switch (knob) {
    case ShmemHuge::kAlways:
      return HugeOption::kAlways;
    case ShmemHuge::kWithinSize:
      return HugeOption::kWithinSize;
    case ShmemHuge::kAdvise:
      return HugeOption::kAdvise;
    case ShmemHuge::kNever:
      return HugeOption::kNever;
    case ShmemHuge::kDeny:
    case ShmemHuge::kForce:
      break;
  }
  return std::nullopt;
}

// Defaults: Debian's (CONFIG_TRANSPARENT_HUGEPAGE_ALWAYS).
struct ThpSettings {
  ThpEnabled enabled = ThpEnabled::kAlways;
  ThpDefrag defrag = ThpDefrag::kMadvise;
  bool use_zero_page = true;
  ShmemHuge shmem_enabled = ShmemHuge::kNever;
};

// The knobs of .../transparent_hugepage/khugepaged.
struct KhugepagedSettings {
  // Those that depend on how many pages a huge one has: half of it shared, an
  // eighth of it in swap is too much; eight huge pages are looked at in one go.
  explicit KhugepagedSettings(uint64_t huge_pages)
      : pages_to_scan(huge_pages * 8),
        max_ptes_none(huge_pages - 1),
        max_ptes_swap(huge_pages / 8),
        max_ptes_shared(huge_pages / 2) {}

  bool defrag = true;
  uint64_t scan_sleep_ms = 10'000;
  uint64_t alloc_sleep_ms = 60'000;
  uint64_t pages_to_scan;
  uint64_t max_ptes_none;
  uint64_t max_ptes_swap;
  uint64_t max_ptes_shared;
};

// /proc/vmstat's thp_ lines, in the names there.
struct ThpCounters {
  uint64_t fault_alloc = 0;
  uint64_t fault_fallback = 0;
  uint64_t file_alloc = 0;
  uint64_t file_fallback = 0;
  uint64_t file_mapped = 0;
  uint64_t collapse_alloc = 0;
  uint64_t collapse_alloc_failed = 0;
  uint64_t split_page = 0;
  uint64_t split_page_failed = 0;
  uint64_t deferred_split_page = 0;
  uint64_t split_pmd = 0;
  uint64_t scan_exceed_none_pte = 0;
  uint64_t scan_exceed_swap_pte = 0;
  uint64_t scan_exceed_share_pte = 0;
  uint64_t zero_page_alloc = 0;
  uint64_t zero_page_alloc_failed = 0;
};

// Pages of folios that some entry maps whole (NR_ANON_THPS and its like).
struct ThpMapped {
  PageCount anon;
  PageCount shmem;
  PageCount file;
};

// Pages of huge folios in the page cache (NR_SHMEM_THPS, NR_FILE_THPS).
struct ThpCached {
  PageCount shmem;
  PageCount file;
};

struct ThpState {
  explicit ThpState(uint64_t huge_pages) : khugepaged(huge_pages) {}

  ThpSettings settings;
  KhugepagedSettings khugepaged;
  ThpCounters counters;
  // Collapses that began again for the pmd lock (P collapse-uffd).
  uint64_t rescans = 0;
  // How often each result ended a scan or a collapse (enum scan_result).
  std::array<uint64_t, kScanResults> results{};
  ThpMapped mapped;
  ThpCached cached;
  // Made when first wanted, then kept.
  std::optional<Pfn> huge_zero;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_THP_STATE_H_
