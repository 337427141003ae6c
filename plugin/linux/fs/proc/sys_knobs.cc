#include "plugin/linux/fs/proc/sys_knobs.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "guest_mm/mm/proc_report.h"
#include "plugin/linux/fs/proc/hugetlb_knobs.h"
#include "plugin/linux/fs/proc/mte_knob.h"
#include "plugin/linux/fs/proc/split_knob.h"
#include "plugin/linux/fs/proc/thp_knobs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

void AddCpus(KnobDir& cpu, Kernel& kernel) {
  for (const char* name : {"online", "possible", "present"}) {
    cpu.Add(name, ConstantKnob("0\n"));
  }
  cpu.Add("offline", ConstantKnob("\n"));
  cpu.Add("kernel_max", ConstantKnob("0\n"));
  for (const char* name : {"core_id", "physical_package_id"}) {
    cpu.Add(absl::StrCat("cpu0/topology/", name), ConstantKnob("0\n"));
  }
  if (kernel.memory().arch().geometry().memory_tags) {
    cpu.Add("cpu0/mte_tcf_preferred", MteTcfPreferredKnob(kernel));
  }
}

// "MemTotal:  1 kB" of /proc/meminfo as "Node 0 MemTotal:  1 kB".
std::string NodeMeminfo(Kernel& kernel) {
  std::string text;
  const std::string all = mm::RenderMeminfo(kernel.memory());
  for (absl::string_view line : absl::StrSplit(all, '\n', absl::SkipEmpty())) {
    if (line.substr(0, 3) == "Mem" && line.substr(0, 12) != "MemAvailable") {
      absl::StrAppend(&text, "Node 0 ", line, "\n");
    }
  }
  return text;
}

void AddNode(KnobDir& node, Kernel& kernel) {
  for (const char* name :
       {"online", "possible", "has_memory", "has_cpu", "has_normal_memory"}) {
    node.Add(name, ConstantKnob("0\n"));
  }
  node.Add("node0/cpulist", ConstantKnob("0\n"));
  node.Add("node0/cpumap", ConstantKnob("1\n"));
  node.Add("node0/distance", ConstantKnob("10\n"));
  node.Add("node0/meminfo",
           {[&kernel] { return NodeMeminfo(kernel); }, nullptr});
  AddNodeHugetlbKnobs(node.Dir("node0/hugepages"), kernel.memory());
}

// The disk (fs/ram_disk.h), whether or not it is mounted. How far to read ahead
// is noted, and not obeyed.
void AddDisk(KnobDir& disk) {
  disk.Add("uevent",
           ConstantKnob("MAJOR=1\nMINOR=1\nDEVNAME=ram1\nDEVTYPE=disk\n"));
  const auto read_ahead_kb = std::make_shared<uint64_t>(128);
  disk.Add("queue/read_ahead_kb",
           NumberKnob([read_ahead_kb] { return *read_ahead_kb; },
                      [read_ahead_kb](uint64_t v) { *read_ahead_kb = v; }));
}

}  // namespace

void AddSysKnobs(KnobDir& sys, Kernel& kernel) {
  AddThpKnobs(sys.Dir("kernel/mm/transparent_hugepage"), kernel.memory());
  AddHugetlbKnobs(sys.Dir("kernel/mm/hugepages"), kernel.memory());
  // Pages are never merged: ksmd does not run, and cannot be made to.
  KnobDir& ksm = sys.Dir("kernel/mm/ksm");
  for (const char* name :
       {"run", "full_scans", "pages_shared", "pages_sharing", "pages_unshared",
        "pages_volatile", "pages_skipped", "ksm_zero_pages"}) {
    ksm.Add(name, ConstantKnob("0\n"));
  }
  // What Linux shows where debugfs is mounted.
  sys.Add("kernel/debug/split_huge_pages", SplitHugePagesKnob(kernel));
  AddDisk(sys.Dir("dev/block/1:1"));
  AddCpus(sys.Dir("devices/system/cpu"), kernel);
  AddNode(sys.Dir("devices/system/node"), kernel);
}

}  // namespace faultline::os
