#include "absl/strings/str_format.h"
#include "guest_mm/phys/phys_mem.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/report/crash_report.h"
#include "plugin/linux/report/register_text.h"
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

}  // namespace

std::string OutOfMemoryReport(Task& task) {
  Kernel& kernel = task.kernel();
  const mm::PhysMem& phys = kernel.memory().phys();
  const uint64_t page_kb = phys.page_shift().bytes() / 1024;
  const uint64_t pc = task.abi().ProgramCounter(kernel.cpu().ReadRegisters());
  std::string out = absl::StrFormat(
      "%s: task %d of process %d (%s) was killed: out of memory, %s 0x%x\n",
      task.process().exe_path, task.tid(), task.process().pid(), task.comm,
      Doing(task.run.fault_access), task.run.fault_address);
  absl::StrAppendFormat(&out, "at %s\n", InstructionAt(task, pc));
  absl::StrAppendFormat(
      &out, "the machine has %d KiB, %d KiB of them free; used:\n",
      phys.total().value() * page_kb, phys.free().value() * page_kb);
  using enum mm::FrameUse;
  for (const mm::FrameUse kind :
       {kReserved, kAnon, kPageCache, kPageTable, kKernel}) {
    if (phys.used(kind).value() != 0) {
      absl::StrAppendFormat(&out, "  %8d KiB %s\n",
                            phys.used(kind).value() * page_kb,
                            mm::ToString(kind));
    }
  }
  return out;
}

}  // namespace faultline::os
