#include "plugin/cli/run_stats.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/sync/strategy.h"

namespace faultline::cli {

std::string RenderStats(os::Kernel& kernel) {
  std::string out;
  const auto line = [&out](const char* name, uint64_t value) {
    absl::StrAppendFormat(&out, "%-24s %12d\n", name, value);
  };
  const os::KernelStats& k = kernel.stats();
  line("virtual time (ns)", kernel.now().ns());
  line("system calls", k.syscalls);
  line("signals delivered", k.signals);
  line("tasks made", k.forks);
  line("programs started", k.execs);
  const mm::VmCounters& vm = kernel.memory().counters();
  line("page faults", vm.faults);
  line("  major", vm.major_faults);
  line("  copied on write", vm.cow_copies);
  line("  reused on write", vm.cow_reuses);
  line("  zero page", vm.zero_page_maps);
  line("TLB flushes asked", vm.tlb_flushes);
  const engine::Cpu::Counters& cpu = kernel.cpu().counters();
  line("engine runs", cpu.runs);
  // The engine resizes its TLB by the host's clock (softmmu's window of 100
  // ms), so what it drops and asks for again is the one count that varies.
  line("  TLB fills (about)", cpu.fills);
  line("  TLB refusals", cpu.refusals);
  line("  page flushes", cpu.page_flushes);
  line("  full flushes", cpu.full_flushes);
  line("  code flushes", cpu.code_flushes);
  const mm::PhysMem& phys = kernel.memory().phys();
  line("memory (KiB)", phys.bytes() >> 10);
  line("  free (KiB)", phys.free().in_bytes(phys.page_shift()) >> 10);
  return out;
}

std::string ScheduleOf(os::Kernel& kernel) {
  // The machine records whatever strategy it was given.
  const auto& recorder =
      dynamic_cast<const mm::Recorder&>(kernel.scheduler().strategy());
  const std::optional<std::string> token = recorder.Token();
  return token ? absl::StrCat("replay:", *token) : recorder.Name();
}

}  // namespace faultline::cli
