#include "plugin/linux/fs/proc/sys_knobs.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "guest_mm/mm/proc_report.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

// One of several words, of which only the last can be had: "always [never]".
// TODO(#3): transparent huge pages make the others real.
Knob OnlyNever(std::string others) {
  Knob knob = ConstantKnob(absl::StrCat(others, " [never]\n"));
  knob.set = [](absl::string_view text) -> ErrnoOr<Done> {
    return absl::StripAsciiWhitespace(text) == "never" ? ErrnoOr<Done>(kDone)
                                                       : Errno::kEINVAL;
  };
  return knob;
}

void AddCpus(KnobDir& cpu) {
  for (const char* name : {"online", "possible", "present"}) {
    cpu.Add(name, ConstantKnob("0\n"));
  }
  cpu.Add("offline", ConstantKnob("\n"));
  cpu.Add("kernel_max", ConstantKnob("0\n"));
  for (const char* name : {"core_id", "physical_package_id"}) {
    cpu.Add(absl::StrCat("cpu0/topology/", name), ConstantKnob("0\n"));
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
}

}  // namespace

void AddSysKnobs(KnobDir& sys, Kernel& kernel) {
  KnobDir& thp = sys.Dir("kernel/mm/transparent_hugepage");
  thp.Add("enabled", OnlyNever("always madvise"));
  thp.Add("defrag", OnlyNever("always defer defer+madvise madvise"));
  AddCpus(sys.Dir("devices/system/cpu"));
  AddNode(sys.Dir("devices/system/node"), kernel);
}

}  // namespace faultline::os
