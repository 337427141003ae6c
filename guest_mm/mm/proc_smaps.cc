// /proc/PID/smaps and smaps_rollup: fs/proc/task_mmu.c show_smap().

#include <string_view>

#include "absl/strings/str_format.h"
#include "guest_mm/hugetlb/hugetlb_file.h"
#include "guest_mm/mm/mem_stats.h"
#include "guest_mm/mm/proc_maps.h"
#include "guest_mm/mm/proc_report.h"
#include "guest_mm/thp/eligible.h"

namespace faultline::mm {
namespace {

void Line(std::string_view label, uint64_t kilobytes, std::string* out) {
  absl::StrAppendFormat(out, "%-16s%8d kB\n", label, kilobytes);
}

// __show_smap(). The parts of Pss are in the rollup only. There are no KSM
// pages: their line says 0.
void AppendStats(const MemStats& s, bool rollup, std::string* out) {
  const auto pss = [](uint64_t shifted) { return shifted >> (10 + kPssShift); };
  Line("Rss:", s.rss >> 10, out);
  Line("Pss:", pss(s.pss), out);
  Line("Pss_Dirty:", pss(s.pss_dirty), out);
  if (rollup) {
    Line("Pss_Anon:", pss(s.pss_anon), out);
    Line("Pss_File:", pss(s.pss_file), out);
    Line("Pss_Shmem:", pss(s.pss_shmem), out);
  }
  Line("Shared_Clean:", s.shared_clean >> 10, out);
  Line("Shared_Dirty:", s.shared_dirty >> 10, out);
  Line("Private_Clean:", s.private_clean >> 10, out);
  Line("Private_Dirty:", s.private_dirty >> 10, out);
  Line("Referenced:", s.referenced >> 10, out);
  Line("Anonymous:", s.anonymous >> 10, out);
  Line("KSM:", 0, out);
  Line("LazyFree:", s.lazy_free >> 10, out);
  Line("AnonHugePages:", s.anon_huge >> 10, out);
  Line("ShmemPmdMapped:", s.shmem_huge >> 10, out);
  Line("FilePmdMapped:", s.file_huge >> 10, out);
  Line("Shared_Hugetlb:", s.shared_hugetlb >> 10, out);
  Line("Private_Hugetlb:", s.private_hugetlb >> 10, out);
  Line("Swap:", s.swap >> 10, out);
  Line("SwapPss:", pss(s.swap_pss), out);
  Line("Locked:", pss(s.pss_locked), out);
}

// vma_kernel_pagesize().
uint64_t PageBytesOf(const AddressSpace& mm, const Vma& v) {
  return v.hugetlb() ? v.file->hugetlb()->pool().bytes()
                     : mm.page_shift().bytes();
}

}  // namespace

std::string RenderSmaps(AddressSpace& mm) {
  std::string out;
  ReadGuard guard(mm.mmap_lock());
  for (const Vma& v : mm.vmas()) {
    MemStats stats;
    Gather(mm, v, &stats);
    const uint64_t page_kb = PageBytesOf(mm, v) >> 10;
    AppendMapsLine(mm, v, &out);
    Line("Size:", v.range.size() >> 10, &out);
    Line("KernelPageSize:", page_kb, &out);
    Line("MMUPageSize:", page_kb, &out);
    AppendStats(stats, /*rollup=*/false, &out);
    absl::StrAppendFormat(&out, "%-16s%8d\n", "THPeligible:",
                          HugeAllowed(v, ThpFor::kSmaps) ? 1 : 0);
    absl::StrAppendFormat(&out, "VmFlags: %s \n", SmapsFlags(v.flags));
  }
  return out;
}

std::string RenderSmapsRollup(AddressSpace& mm) {
  std::string out;
  MemStats stats;
  ReadGuard guard(mm.mmap_lock());
  if (mm.vmas().empty()) {
    return out;
  }
  for (const Vma& v : mm.vmas()) {
    Gather(mm, v, &stats);
  }
  const GuestRange all{mm.vmas().First()->range.start,
                       mm.vmas().Last()->range.end};
  AppendMapsLine(all, "---p", 0, 0, 0, 0, "[rollup]", &out);
  AppendStats(stats, /*rollup=*/true, &out);
  return out;
}

}  // namespace faultline::mm
