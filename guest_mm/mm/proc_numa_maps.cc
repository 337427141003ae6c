// /proc/PID/numa_maps: fs/proc/task_mmu.c show_numa_map(). All memory is on
// the one node there is.

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "guest_mm/hugetlb/hugetlb_file.h"
#include "guest_mm/mm/proc_maps.h"
#include "guest_mm/mm/proc_report.h"

namespace faultline::mm {
namespace {

// struct numa_maps, in pages.
struct NumaStats {
  uint64_t pages = 0;
  uint64_t anon = 0;
  uint64_t dirty = 0;
  uint64_t active = 0;
  uint64_t mapcount_max = 0;
};

// gather_stats().
void Gather(AddressSpace& mm, const Vma& vma, NumaStats* stats) {
  const PhysMem& phys = mm.system().phys();
  const PagingGeometry& geometry = mm.system().arch().geometry();
  mm.page_table().ForEach(vma.range, [&](const EntryRef& ref, const Entry& e) {
    if (!e.counted()) {
      return true;
    }
    const Frame& folio = phys.folio(e.pfn());
    // gather_hugetlb_stats() counts huge pages.
    const uint64_t pages = vma.hugetlb() ? 1
                                         : geometry.EntryBytes(ref.level) >>
                                               mm.page_shift().value();
    const bool anon = IsAnon(folio);
    stats->pages += pages;
    stats->anon += anon ? pages : 0;
    stats->dirty += e.dirty() || folio.dirty ? pages : 0;
    // As /proc/meminfo has it: see docs/deviations.md.
    stats->active += anon || folio.swap_backed || vma.hugetlb() ? pages : 0;
    stats->mapcount_max =
        std::max(stats->mapcount_max,
                 uint64_t(PageMapcount(folio, phys.frame(e.pfn()))));
    return true;
  });
}

// mangle_path(): what would end a field.
std::string Escaped(const std::string& path) {
  return absl::StrReplaceAll(
      path, {{"\n", "\\012"}, {"\t", "\\011"}, {" ", "\\040"}, {"=", "\\075"}});
}

void AppendStats(const NumaStats& s, uint64_t page_kb, std::string* out) {
  const auto field = [&](const char* name, uint64_t value) {
    absl::StrAppendFormat(out, " %s=%d", name, value);
  };
  if (s.anon != 0) {
    field("anon", s.anon);
  }
  if (s.dirty != 0) {
    field("dirty", s.dirty);
  }
  if (s.pages != s.anon && s.pages != s.dirty) {
    field("mapped", s.pages);
  }
  if (s.mapcount_max > 1) {
    field("mapmax", s.mapcount_max);
  }
  if (s.active < s.pages) {
    field("active", s.active);
  }
  field("N0", s.pages);
  field("kernelpagesize_kB", page_kb);
}

}  // namespace

std::string RenderNumaMaps(AddressSpace& mm, std::string_view policy) {
  std::string out;
  ReadGuard guard(mm.mmap_lock());
  for (const Vma& v : mm.vmas()) {
    absl::StrAppendFormat(&out, "%08x %s", v.range.start.value(), policy);
    const std::string name = VmaName(mm, v);
    if (const MappedFile* file = v.named_file(); file != nullptr) {
      absl::StrAppend(&out, " file=", Escaped(file->MapsName()));
    } else if (name == "[heap]") {
      out += " heap";
    } else if (name == "[stack]") {
      out += " stack";
    }
    if (v.hugetlb()) {
      out += " huge";
    }
    NumaStats stats;
    Gather(mm, v, &stats);
    if (stats.pages != 0) {
      const uint64_t bytes = v.hugetlb() ? v.file->hugetlb()->pool().bytes()
                                         : mm.page_shift().bytes();
      AppendStats(stats, bytes >> 10, &out);
    }
    out += '\n';
  }
  return out;
}

}  // namespace faultline::mm
