#include "absl/strings/str_format.h"
#include "guest_mm/mm/mem_stats.h"
#include "guest_mm/phys/phys_mem.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/report/crash_report.h"
#include "plugin/linux/report/register_text.h"
#include "plugin/linux/task/oom_killer.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

const char* Doing(mm::Access access) {
  switch (access) {
    case mm::Access::kRead:
      return "reading";
    case mm::Access::kWrite:
      return "writing";
    case mm::Access::kExec:
      return "executing";
  }
  return "";
}

// What the machine's frames and swap are used for, a line each.
std::string MemoryUse(mm::MemoryManager& memory) {
  const mm::PhysMem& phys = memory.phys();
  const auto kb = [&](mm::PageCount n) {
    return n.in_bytes(phys.page_shift()) / 1024;
  };
  std::string out =
      absl::StrFormat("the machine has %d KiB, %d KiB of them free; used:\n",
                      kb(phys.total()), kb(phys.free()));
  using enum mm::FrameUse;
  for (const mm::FrameUse kind :
       {kReserved, kAnon, kPageCache, kPageTable, kKernel}) {
    if (phys.used(kind).value() != 0) {
      absl::StrAppendFormat(&out, "  %8d KiB %s\n", kb(phys.used(kind)),
                            mm::ToString(kind));
    }
  }
  const mm::SwapArea& swap = memory.swap();
  if (swap.total() != mm::PageCount()) {
    absl::StrAppendFormat(&out, "and %d KiB of swap, %d KiB of them free\n",
                          kb(swap.total()), kb(swap.free()));
  }
  return out;
}

// "anon", "table.pte (order 0)" ...
std::string Site(const mm::FailedAllocation& what) {
  return what.order == 0
             ? mm::ToString(what.purpose)
             : absl::StrFormat("%s, order %d", mm::ToString(what.purpose),
                               what.order);
}

}  // namespace

std::string OomKillReport(const OomKill& kill) {
  Process& victim = kill.victim;
  mm::MemoryManager& memory = victim.kernel().memory();
  const auto kb = [&](mm::PageCount n) {
    return n.in_bytes(memory.page_shift()) / 1024;
  };
  std::string out = absl::StrFormat(
      "%s: process %d (%s) was killed: out of memory\n", victim.exe_path,
      victim.pid(), victim.threads.front()->comm);
  if (kill.asked != nullptr) {
    absl::StrAppendFormat(&out,
                          "task %d of process %d (%s) asked for memory at %s\n",
                          kill.asked->tid(), kill.asked->process().pid(),
                          kill.asked->comm, Site(kill.what));
  }
  const mm::AddressSpace& mm = *victim.threads.front()->shared.mm;
  absl::StrAppendFormat(
      &out,
      "it has %d KiB in memory, %d KiB in swap, %d KiB of page tables, "
      "oom_score_adj %d\n",
      kb(mm.rss.total()), kb(mm.rss.swap), kb(mm::TablePages(mm)),
      victim.oom_score_adj);
  return out + MemoryUse(memory);
}

std::string OutOfMemoryReport(Task& task) {
  Kernel& kernel = task.kernel();
  const uint64_t pc = task.abi().ProgramCounter(kernel.cpu().ReadRegisters());
  std::string out = absl::StrFormat(
      "%s: task %d of process %d (%s) was killed: out of memory, %s 0x%x\n",
      task.process().exe_path, task.tid(), task.process().pid(), task.comm,
      Doing(task.run.fault_access), task.run.fault_address);
  absl::StrAppendFormat(&out, "at %s\n", InstructionAt(task, pc));
  absl::StrAppendFormat(&out, "there was no memory for %s\n",
                        Site(kernel.memory().phys().last_failure()));
  return out + MemoryUse(kernel.memory());
}

}  // namespace faultline::os
