#include "plugin/linux/fs/proc/machine_text.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/mm/proc_report.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/memory/swap_device.h"
#include "plugin/linux/system/calls.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr uint64_t kTickNs = 10'000'000;  // USER_HZ is 100

// Each bit's word, " fp asimd ...": what AT_HWCAP says. Linux: hwcap_str.
std::string Arm64Features(uint64_t hwcap, uint64_t hwcap2) {
  constexpr const char* kFirst[] = {
      "fp",       "asimd", "evtstrm", "aes",    "pmull",   "sha1",
      "sha2",     "crc32", "atomics", "fphp",   "asimdhp", "cpuid",
      "asimdrdm", "jscvt", "fcma",    "lrcpc",  "dcpop",   "sha3",
      "sm3",      "sm4",   "asimddp", "sha512", "sve",     "asimdfhm",
      "dit",      "uscat", "ilrcpc",  "flagm",  "ssbs",    "sb",
      "paca",     "pacg"};
  constexpr const char* kSecond[] = {"dcpodp",   "sve2",       "sveaes",
                                     "svepmull", "svebitperm", "svesha3",
                                     "svesm4",   "flagm2",     "frint"};
  std::string out;
  for (size_t i = 0; i < std::size(kFirst); ++i) {
    if ((hwcap >> i & 1) != 0) {
      absl::StrAppend(&out, " ", kFirst[i]);
    }
  }
  for (size_t i = 0; i < std::size(kSecond); ++i) {
    if ((hwcap2 >> i & 1) != 0) {
      absl::StrAppend(&out, " ", kSecond[i]);
    }
  }
  return out;
}

std::string Cpuinfo(Kernel& kernel) {
  if (kernel.abi().arch() == engine::Arch::kX86) {
    const bool la57 = kernel.options().paging == engine::Paging::kLa57;
    // What CPUID says of the engine's model, engine/x86_port.cc's kModel; the
    // ABI test cpuinfo_tells_what_the_cpu_says compares the two.
    return absl::StrCat(
        "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
        "model\t\t: 44\n"
        "model name\t: Westmere E56xx/L56xx/X56xx (Nehalem-C)\n"
        "stepping\t: 1\n"
        "physical id\t: 0\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\n"
        "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: 11\nwp\t\t: "
        "yes\n"
        "flags\t\t: fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
        "cmov pat pse36 clflush mmx fxsr sse sse2 syscall nx lm "
        "constant_tsc pni pclmulqdq ssse3 cx16 sse4_1 sse4_2 popcnt aes "
        "hypervisor lahf_lm",
        la57 ? " la57" : "",
        "\nclflush size\t: 64\ncache_alignment\t: 64\n"
        "address sizes\t: 40 bits physical, ",
        la57 ? "57" : "48", " bits virtual\n\n");
  }
  return absl::StrCat("processor\t: 0\nBogoMIPS\t: 100.00\nFeatures\t:",
                      Arm64Features(kernel.abi().identity().hwcap,
                                    kernel.abi().identity().hwcap2),
                      "\nCPU implementer\t: 0x00\nCPU architecture: 8\n"
                      "CPU variant\t: 0x0\nCPU part\t: 0x051\n"
                      "CPU revision\t: 0\n\n");
}

// One CPU; what no task used, it was idle.
std::string Stat(Kernel& kernel) {
  uint64_t user = 0, system = 0;
  size_t running = 0;
  for (const auto& [pid, p] : kernel.processes().processes()) {
    user += p->TotalUserNs();
    system += p->TotalSystemNs();
  }
  for (const auto& [tid, task] : kernel.processes().tasks()) {
    running += task->StateLetter() == 'R' ? 1 : 0;
  }
  const uint64_t now = kernel.now().ns();
  const uint64_t busy = user + system;
  const std::string cpu = absl::StrFormat(
      " %d 0 %d %d 0 0 0 0 0 0\n", user / kTickNs, system / kTickNs,
      now > busy ? (now - busy) / kTickNs : 0);
  return absl::StrCat(
      "cpu ", cpu, "cpu0", cpu, "intr 0\nctxt 0\nbtime ", kRealtimeEpochSec,
      "\nprocesses ", kernel.processes().last_pid(), "\nprocs_running ",
      running, "\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n");
}

std::string Uptime(Kernel& kernel) {
  const double seconds = double(kernel.now().ns()) / 1e9;
  return absl::StrFormat("%.2f 0.00\n", seconds);
}

// The averages need sampling by a clock that nothing else wants: zero.
std::string Loadavg(Kernel& kernel) {
  size_t running = 0;
  for (const auto& [tid, task] : kernel.processes().tasks()) {
    running += task->StateLetter() == 'R' ? 1 : 0;
  }
  return absl::StrFormat("0.00 0.00 0.00 %d/%d %d\n", running,
                         kernel.processes().tasks().size(),
                         kernel.processes().last_pid());
}

}  // namespace

void AddMachineText(KnobDir& proc, Kernel& kernel) {
  const auto add = [&](const char* name, std::string (*show)(Kernel&)) {
    proc.Add(name, {[&kernel, show] { return show(kernel); }, nullptr});
  };
  add("cpuinfo", Cpuinfo);
  add("stat", Stat);
  add("uptime", Uptime);
  add("loadavg", Loadavg);
  proc.Add("vmstat",
           {[&kernel] { return mm::RenderVmstat(kernel.memory()); }, nullptr});
  proc.Add("meminfo",
           {[&kernel] { return mm::RenderMeminfo(kernel.memory()); }, nullptr});
  proc.Add("version",
           ConstantKnob(absl::StrCat("Linux version ", KernelRelease(kernel),
                                     " (faultline) ", kKernelVersion, "\n")));
  proc.Add("filesystems",
           ConstantKnob("nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\n"
                        "nodev\tpipefs\nnodev\thugetlbfs\nnodev\thostfs\n"));
  proc.Add("cmdline", ConstantKnob("\n"));
  proc.Add("devices", ConstantKnob("Character devices:\n  1 mem\n\n"
                                   "Block devices:\n  1 ramdisk\n"));
  add("swaps", RenderSwaps);
}

}  // namespace faultline::os
