#include "plugin/linux/report/crash_report.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "arch_arm64/mte_insn.h"
#include "guest_mm/mm/proc_maps.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/report/page_walk.h"
#include "plugin/linux/report/register_text.h"
#include "plugin/linux/report/tag_text.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using mm::GuestAddr;

// Mappings shown on each side of the address.
constexpr int kNeighbours = 3;

std::string VmaLine(const mm::AddressSpace& mm, const mm::Vma& v, bool here) {
  std::string line = absl::StrFormat(
      "  %s %012x-%012x %s%c", here ? "=>" : "  ", v.range.start.value(),
      v.range.end.value(), mm::ToString(v.prot()), v.shared() ? 's' : 'p');
  if (const std::string name = mm::VmaName(mm, v); !name.empty()) {
    absl::StrAppend(&line, " ", name);
  }
  return line + "\n";
}

// No lock: nothing else runs while the report is made.
std::string Mappings(mm::AddressSpace& mm,
                     GuestAddr at) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  mm::Vma* v = mm.vmas().FindAtOrAbove(at);
  std::vector<const mm::Vma*> below;
  const mm::Vma* p = v != nullptr ? mm.vmas().Prev(*v) : mm.vmas().Last();
  for (int i = 0; i < kNeighbours && p != nullptr; ++i) {
    below.push_back(p);
    p = mm.vmas().Prev(*p);
  }
  std::string out = "mappings around it:\n";
  for (auto it = below.rbegin(); it != below.rend(); ++it) {
    out += VmaLine(mm, **it, false);
  }
  if (v == nullptr || !v->range.Contains(at)) {
    absl::StrAppendFormat(&out, "  => %012x (nothing)\n", at.value());
  }
  for (int i = 0; i <= kNeighbours && v != nullptr; ++i) {
    out += VmaLine(mm, *v, v->range.Contains(at));
    v = mm.vmas().Next(*v);
  }
  return out;
}

const char* CodeName(const SigInfo& info) {
  switch (info.code) {
    case kSiUser:
      return "SI_USER";
    case kSiKernel:
      return "SI_KERNEL";
    case kSiQueue:
      return "SI_QUEUE";
    case kSiTkill:
      return "SI_TKILL";
    case kSiTimer:
      return "SI_TIMER";
    default:
      break;
  }
  switch (info.signo) {
    case kSigSegv:
      return info.code == kSegvMaperr    ? "SEGV_MAPERR"
             : info.code == kSegvAccerr  ? "SEGV_ACCERR"
             : info.code == kSegvMteserr ? "SEGV_MTESERR"
             : info.code == kSegvMteaerr ? "SEGV_MTEAERR"
                                         : "SEGV_PKUERR";
    case kSigBus:
      return info.code == kBusAdrerr   ? "BUS_ADRERR"
             : info.code == kBusAdraln ? "BUS_ADRALN"
                                       : "BUS_MCEERR_AR";
    case kSigIll:
      return info.code == kIllIllopc ? "ILL_ILLOPC" : "ILL_ILLOPN";
    case kSigFpe:
      return info.code == kFpeIntdiv ? "FPE_INTDIV" : "FPE_FLTINV";
    case kSigTrap:
      return info.code == kTrapBrkpt ? "TRAP_BRKPT" : "TRAP_TRACE";
    default:
      return "?";
  }
}

// The signals that the program itself brought on by an instruction.
bool IsFaultSignal(int signo) {
  return signo == kSigSegv || signo == kSigBus || signo == kSigIll ||
         signo == kSigFpe || signo == kSigTrap;
}

std::string Who(Task& task, const SigInfo& info) {
  return absl::StrFormat(
      "%s: task %d of process %d (%s) was killed by %s (%s)\n",
      task.process().exe_path, task.tid(), task.process().pid(), task.comm,
      SignalName(info.signo), CodeName(info));
}

// Why the memory manager could not resolve the access, in a sentence.
std::string Why(Task& task, const SigInfo& info) {
  const bool memory = (info.signo == kSigSegv || info.signo == kSigBus) &&
                      info.code > 0 && info.code < kSiKernel;
  if (!memory) {
    return "";
  }
  if (info.signo == kSigSegv && info.code == kSegvMteaerr) {
    return "an access before this had a pointer with another tag than the "
           "memory's\n";
  }
  const char* what = "accessed";
  switch (task.run.fault_access) {
    case mm::Access::kRead:
      what = "read";
      break;
    case mm::Access::kWrite:
      what = "written";
      break;
    case mm::Access::kExec:
      what = "executed";
      break;
  }
  const char* reason = "";
  if (info.signo == kSigBus && info.code == kBusMceerrAr) {
    reason = "the memory has failed there";
  } else if (info.signo == kSigBus) {
    reason = "the mapped file does not reach there";
  } else if (info.code == kSegvMteserr) {
    return absl::StrFormat(
        "0x%x could not be %s: the pointer's tag is %d, the memory's is %d\n",
        info.fault.address, what, arm64::TagOf(info.fault.address),
        MemoryTagAt(task, info.fault.address));
  } else if (info.code == kSegvMaperr) {
    reason = "nothing is mapped there";
  } else {
    reason = "the mapping does not allow it";
  }
  return absl::StrFormat("0x%x could not be %s: %s\n", info.fault.address, what,
                         reason);
}

}  // namespace

bool DumpsCore(int signo) {
  return IsFaultSignal(signo) || signo == kSigAbrt || signo == kSigQuit ||
         signo == kSigSys || signo == kSigXcpu || signo == kSigXfsz;
}

std::string ShortCrashReport(Task& task, const SigInfo& info) {
  const uint64_t pc =
      task.abi().ProgramCounter(task.kernel().cpu().ReadRegisters());
  std::string why = Why(task, info);
  if (!why.empty()) {
    why.back() = ',';
    why += ' ';
  }
  return absl::StrCat(Who(task, info), "  ", why, "at ",
                      InstructionAt(task, pc), "\n");
}

std::string CrashReport(Task& task, const SigInfo& info) {
  engine::Cpu& cpu = task.kernel().cpu();
  const engine::RegisterFile regs = cpu.ReadRegisters();
  const uint64_t pc = task.abi().ProgramCounter(regs);
  std::string out = Who(task, info);
  out += Why(task, info);
  absl::StrAppend(&out, "at ", InstructionAt(task, pc), "\n");
  out += RegisterText(regs);
  if (info.signo == kSigSegv && info.code == kSegvMteserr) {
    out += TagText(task, info.fault.address);
  }
  const bool has_address =
      IsFaultSignal(info.signo) && info.code > 0 && info.code < kSiKernel;
  const GuestAddr at = task.mm().system().arch().Untag(
      GuestAddr(has_address ? info.fault.address : pc));
  out += Mappings(task.mm(), at);
  if (has_address) {
    out += DescribeWalk(task.mm(), at);
  }
  return out;
}

}  // namespace faultline::os
