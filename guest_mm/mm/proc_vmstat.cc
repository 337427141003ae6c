// /proc/vmstat: mm/vmstat.c vmstat_text, in its order.

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "guest_mm/hugetlb/hugetlb.h"
#include "guest_mm/mm/proc_report.h"

namespace faultline::mm {

std::string RenderVmstat(MemoryManager& system) {
  const PhysMem& phys = system.phys();
  const VmCounters& vm = system.counters();
  const ThpState& thp = system.thp();
  const uint64_t huge_pages = system.arch().geometry().HugePages();
  const auto huge = [&](PageCount pages) { return pages.value() / huge_pages; };
  const ReclaimCounters& r = system.reclaim_counters();
  const auto lru = [&](Lru list) { return phys.lru().size(list).value(); };
  const struct {
    absl::string_view name;
    uint64_t value;
  } lines[] = {
      {"nr_free_pages", phys.free().value()},
      {"nr_inactive_anon", lru(Lru::kInactiveAnon)},
      {"nr_active_anon", lru(Lru::kActiveAnon)},
      {"nr_inactive_file", lru(Lru::kInactiveFile)},
      {"nr_active_file", lru(Lru::kActiveFile)},
      {"nr_unevictable", lru(Lru::kUnevictable)},
      {"nr_mlock", r.nr_mlock},
      {"nr_anon_pages", phys.used(FrameUse::kAnon).value()},
      {"nr_file_pages", phys.used(FrameUse::kPageCache).value()},
      {"nr_shmem_hugepages", huge(thp.cached.shmem)},
      {"nr_shmem_pmdmapped", huge(thp.mapped.shmem)},
      {"nr_file_hugepages", huge(thp.cached.file)},
      {"nr_file_pmdmapped", huge(thp.mapped.file)},
      {"nr_anon_transparent_hugepages", huge(thp.mapped.anon)},
      {"nr_page_table_pages", phys.used(FrameUse::kPageTable).value()},
      {"nr_swapcached", system.swap().cached().value()},
      {"pswpin", system.swap().pages_in()},
      {"pswpout", system.swap().pages_out()},
      {"allocstall_normal", r.allocstall},
      {"pgactivate", r.pgactivate},
      {"pgdeactivate", r.pgdeactivate},
      {"pglazyfree", r.pglazyfree},
      {"pgfault", vm.faults},
      {"pgmajfault", vm.major_faults},
      {"pglazyfreed", r.pglazyfreed},
      {"pgrefill", r.pgrefill},
      {"pgsteal_kswapd", r.pgsteal_kswapd},
      {"pgsteal_direct", r.pgsteal_direct},
      {"pgscan_kswapd", r.pgscan_kswapd},
      {"pgscan_direct", r.pgscan_direct},
      {"pgscan_anon", r.pgscan_anon},
      {"pgscan_file", r.pgscan_file},
      {"pgsteal_anon", r.pgsteal_anon},
      {"pgsteal_file", r.pgsteal_file},
      {"pageoutrun", r.pageoutrun},
      {"oom_kill", r.oom_kill},
      {"pgmigrate_success", vm.migrate_success},
      {"pgmigrate_fail", vm.migrate_fail},
      {"htlb_buddy_alloc_success", system.hugetlb().counters().alloc_success},
      {"htlb_buddy_alloc_fail", system.hugetlb().counters().alloc_fail},
      {"unevictable_pgs_culled", r.unevictable_culled},
      {"unevictable_pgs_scanned", 0},
      {"unevictable_pgs_rescued", r.unevictable_rescued},
      {"unevictable_pgs_mlocked", r.unevictable_mlocked},
      {"unevictable_pgs_munlocked", r.unevictable_munlocked},
      {"unevictable_pgs_cleared", r.unevictable_cleared},
      {"unevictable_pgs_stranded", 0},
      {"thp_fault_alloc", thp.counters.fault_alloc},
      {"thp_fault_fallback", thp.counters.fault_fallback},
      {"thp_collapse_alloc", thp.counters.collapse_alloc},
      {"thp_collapse_alloc_failed", thp.counters.collapse_alloc_failed},
      {"thp_file_alloc", thp.counters.file_alloc},
      {"thp_file_fallback", thp.counters.file_fallback},
      {"thp_file_mapped", thp.counters.file_mapped},
      {"thp_split_page", thp.counters.split_page},
      {"thp_split_page_failed", thp.counters.split_page_failed},
      {"thp_deferred_split_page", thp.counters.deferred_split_page},
      {"thp_split_pmd", thp.counters.split_pmd},
      {"thp_scan_exceed_none_pte", thp.counters.scan_exceed_none_pte},
      {"thp_scan_exceed_swap_pte", thp.counters.scan_exceed_swap_pte},
      {"thp_scan_exceed_share_pte", thp.counters.scan_exceed_share_pte},
      {"thp_zero_page_alloc", thp.counters.zero_page_alloc},
      {"thp_zero_page_alloc_failed", thp.counters.zero_page_alloc_failed},
  };
  std::string text;
  for (const auto& line : lines) {
    absl::StrAppend(&text, line.name, " ", line.value, "\n");
  }
  return text;
}

}  // namespace faultline::mm
