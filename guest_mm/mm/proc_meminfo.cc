// /proc/meminfo: fs/proc/meminfo.c meminfo_proc_show(), in the set of lines
// that both architectures have.

#include <string_view>

#include "absl/strings/str_format.h"
#include "guest_mm/hugetlb/hugetlb.h"
#include "guest_mm/mm/limits.h"
#include "guest_mm/mm/proc_report.h"

namespace faultline::mm {
namespace {

// What no counter of PhysMem tells.
struct Census {
  PageCount shmem;
  PageCount mapped;
  PageCount dirty;
  PageCount corrupted;
};

Census TakeCensus(const PhysMem& phys) {
  Census c;
  phys.ForEachFrame([&](Pfn, const Frame& f) {
    constexpr PageCount kOne(1);
    if (f.use == FrameUse::kPageCache) {
      const PageCount all(uint64_t{1} << f.order);
      const PageCount some(
          uint64_t(f.order > 0 ? f.pages_mapped : f.mapcount > 0));
      c.shmem += f.swap_backed ? all : PageCount();
      c.mapped += f.entire_mapcount > 0 ? all : some;
      c.dirty += f.dirty && !f.swap_backed ? all : PageCount();
    }
    c.corrupted += f.hw_poisoned ? kOne : PageCount();
  });
  return c;
}

// hugetlb_report_meminfo(): the pool of the default size.
void AppendHugetlb(const Hugetlb& hugetlb, std::string* out) {
  const HugePagePool* const pool = hugetlb.default_pool();
  if (pool == nullptr) {
    return;
  }
  const auto line = [&](std::string_view label, uint64_t pages) {
    absl::StrAppendFormat(out, "%-16s%8d\n", label, pages);
  };
  line("HugePages_Total:", pool->total());
  line("HugePages_Free:", pool->free());
  line("HugePages_Rsvd:", pool->reserved());
  line("HugePages_Surp:", pool->surplus());
  absl::StrAppendFormat(out, "%-16s%8d kB\n",
                        "Hugepagesize:", pool->bytes() >> 10);
}

// Linux: VMALLOC_TOTAL of a four-level x86-64 kernel.
constexpr uint64_t kVmallocTotalKb = 34359738367;

}  // namespace

std::string RenderMeminfo(MemoryManager& system) {
  std::string out;
  const PhysMem& phys = system.phys();
  const Census census = TakeCensus(phys);
  const PageCount anon = phys.used(FrameUse::kAnon);
  const PageCount cache = phys.used(FrameUse::kPageCache);
  const auto kb = [&](std::string_view label, uint64_t n) {
    absl::StrAppendFormat(&out, "%-16s%8d kB\n", label, n);
  };
  const auto pages = [&](std::string_view label, PageCount n) {
    kb(label, n.in_bytes(phys.page_shift()) >> 10);
  };
  constexpr PageCount kNone;
  pages("MemTotal:", TotalRam(system));
  pages("MemFree:", phys.free());
  // What reclaim could have without swapping (si_mem_available()).
  pages("MemAvailable:", phys.free() + phys.lru().size(Lru::kActiveFile) +
                             phys.lru().size(Lru::kInactiveFile));
  pages("Buffers:", kNone);
  pages("Cached:", cache);
  pages("SwapCached:", system.swap().cached());
  const auto on = [&](Lru list) { return phys.lru().size(list); };
  pages("Active:", on(Lru::kActiveAnon) + on(Lru::kActiveFile));
  pages("Inactive:", on(Lru::kInactiveAnon) + on(Lru::kInactiveFile));
  pages("Active(anon):", on(Lru::kActiveAnon));
  pages("Inactive(anon):", on(Lru::kInactiveAnon));
  pages("Active(file):", on(Lru::kActiveFile));
  pages("Inactive(file):", on(Lru::kInactiveFile));
  pages("Unevictable:", on(Lru::kUnevictable));
  pages("Mlocked:", PageCount(system.reclaim_counters().nr_mlock));
  pages("SwapTotal:", system.swap().total());
  pages("SwapFree:", system.swap().free());
  pages("Zswap:", kNone);
  pages("Zswapped:", kNone);
  pages("Dirty:", census.dirty);
  pages("Writeback:", kNone);
  pages("AnonPages:", anon);
  pages("Mapped:", census.mapped);
  pages("Shmem:", census.shmem);
  for (const char* label : {"KReclaimable:", "Slab:", "SReclaimable:",
                            "SUnreclaim:", "KernelStack:"}) {
    pages(label, kNone);
  }
  pages("PageTables:", phys.used(FrameUse::kPageTable));
  for (const char* label :
       {"SecPageTables:", "NFS_Unstable:", "Bounce:", "WritebackTmp:"}) {
    pages(label, kNone);
  }
  pages("CommitLimit:", CommitLimit(system));
  pages("Committed_AS:", system.committed());
  kb("VmallocTotal:", kVmallocTotalKb);
  for (const char* label : {"VmallocUsed:", "VmallocChunk:", "Percpu:"}) {
    pages(label, kNone);
  }
  pages("HardwareCorrupted:", census.corrupted);
  const ThpMapped& huge = system.thp().mapped;
  pages("AnonHugePages:", huge.anon);
  pages("ShmemHugePages:", system.thp().cached.shmem);
  pages("ShmemPmdMapped:", huge.shmem);
  pages("FileHugePages:", system.thp().cached.file);
  pages("FilePmdMapped:", huge.file);
  AppendHugetlb(system.hugetlb(), &out);
  pages("Hugetlb:", system.hugetlb().TotalPages());
  return out;
}

}  // namespace faultline::mm
