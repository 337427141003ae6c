// The memory lines of /proc/PID/status and /proc/PID/statm:
// fs/proc/task_mmu.c task_mem(), task_statm().

#include <algorithm>
#include <string_view>

#include "absl/strings/str_format.h"
#include "guest_mm/mm/mem_stats.h"
#include "guest_mm/mm/proc_report.h"

namespace faultline::mm {
namespace {

uint64_t TextBytes(const AddressSpace& mm) {
  return mm.end_code.PageUp(mm.page_shift()) -
         mm.start_code.PageDown(mm.page_shift());
}

}  // namespace

std::string RenderStatusVm(AddressSpace& mm) {
  std::string out;
  const PageShift shift = mm.page_shift();
  const auto line = [&](std::string_view label, uint64_t bytes) {
    absl::StrAppendFormat(&out, "%s\t%8d kB\n", label, bytes >> 10);
  };
  const auto pages = [&](std::string_view label, PageCount n) {
    line(label, n.in_bytes(shift));
  };
  ReadGuard guard(mm.mmap_lock());
  const uint64_t exec = mm.exec_vm.in_bytes(shift);
  const uint64_t text = std::min(TextBytes(mm), exec);
  pages("VmPeak:", std::max(mm.hiwater_vm, mm.total_vm));
  pages("VmSize:", mm.total_vm);
  pages("VmLck:", mm.locked_vm);
  pages("VmPin:", mm.pinned_vm);
  pages("VmHWM:", std::max(mm.hiwater_rss, mm.rss.total()));
  pages("VmRSS:", mm.rss.total());
  pages("RssAnon:", mm.rss.anon);
  pages("RssFile:", mm.rss.file);
  pages("RssShmem:", mm.rss.shmem);
  pages("VmData:", mm.data_vm);
  pages("VmStk:", mm.stack_vm);
  line("VmExe:", text);
  line("VmLib:", exec - text);
  pages("VmPTE:", TablePages(mm));
  pages("VmSwap:", mm.rss.swap);
  pages("HugetlbPages:", mm.rss.hugetlb);
  return out;
}

std::string RenderStatm(AddressSpace& mm) {
  ReadGuard guard(mm.mmap_lock());
  return absl::StrFormat("%d %d %d %d 0 %d 0\n", mm.total_vm.value(),
                         mm.rss.total().value(),
                         (mm.rss.file + mm.rss.shmem).value(),
                         TextBytes(mm) >> mm.page_shift().value(),
                         (mm.data_vm + mm.stack_vm).value());
}

}  // namespace faultline::mm
