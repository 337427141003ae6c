#include "plugin/linux/fs/proc/sysctl.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/reclaim/reclaim.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/proc/hugetlb_knobs.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/system/calls.h"

namespace faultline::os {
namespace {

// A field of VmSysctl as a knob.
template <typename T>
Knob Field(T& field, KnobRange range = {}) {
  return NumberKnob([&field] { return uint64_t(field); },
                    [&field](uint64_t v) { field = T(v); }, range);
}

void AddVm(KnobDir& vm, Kernel& kernel) {
  mm::VmSysctl& s = kernel.memory().sysctl();
  vm.Add("max_map_count", Field(s.max_map_count, {0, 0x7fffffff}));
  vm.Add("mmap_min_addr", Field(s.mmap_min_addr));
  vm.Add("overcommit_memory", Field(s.overcommit_memory, {0, 2}));
  vm.Add("overcommit_ratio",
         NumberKnob([&s] { return uint64_t(s.overcommit_ratio); },
                    [&s](uint64_t v) {
                      s.overcommit_ratio = int(v);
                      s.overcommit_kbytes = 0;
                    },
                    {0, 0x7fffffff}));
  vm.Add("overcommit_kbytes", NumberKnob([&s] { return s.overcommit_kbytes; },
                                         [&s](uint64_t v) {
                                           s.overcommit_kbytes = v;
                                           s.overcommit_ratio = 0;
                                         }));
  vm.Add("unprivileged_userfaultfd",
         Field(kernel.memory().uffd().unprivileged, {0, 1}));
  vm.Add("swappiness", Field(s.swappiness, {0, 200}));
  mm::Reclaim& reclaim = kernel.memory().reclaim();
  vm.Add("min_free_kbytes",
         NumberKnob([&reclaim] { return reclaim.min_free_kbytes(); },
                    [&reclaim](uint64_t v) { reclaim.set_min_free_kbytes(v); },
                    {0, 0x7fffffff}));
  AddHugetlbSysctl(vm, kernel.memory());
  vm.Add("memory_failure_early_kill", Field(s.memory_failure_early_kill));
  vm.Add("memory_failure_recovery", ConstantKnob("1\n"));
  vm.Add("enable_soft_offline", Field(s.enable_soft_offline));
  vm.Add("memfd_noexec", Field(s.memfd_noexec, {0, 2}));
  vm.Add("panic_on_oom", ConstantKnob("0\n"));
  vm.Add("oom_kill_allocating_task", Field(s.oom_kill_allocating_task));
  // Writes dirty pages back and drops clean ones, as far as files are bound.
  vm.Add(
      "drop_caches",
      NumberKnob([] { return uint64_t{0}; },
                 [&kernel](uint64_t) { kernel.vfs().DropCaches(); }, {1, 4}));
}

// Random bytes as a UUID of version 4.
std::string Uuid(Kernel& kernel) {
  const uint64_t a = kernel.Random64(), b = kernel.Random64();
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%012x\n", a >> 32,
                         a >> 16 & 0xffff, a & 0xfff,
                         (b >> 48 & 0x3fff) | 0x8000, b & 0xffffffffffff);
}

void AddKernel(KnobDir& dir, Kernel& kernel) {
  dir.Add("ostype", ConstantKnob("Linux\n"));
  dir.Add("osrelease", ConstantKnob(absl::StrCat(KernelRelease(kernel), "\n")));
  dir.Add("version", ConstantKnob(absl::StrCat(kKernelVersion, "\n")));
  dir.Add("hostname",
          StringKnob([&kernel] { return kernel.hostname; },
                     [&kernel](std::string v) { kernel.hostname = v; }, 64));
  dir.Add("domainname",
          StringKnob([&kernel] { return kernel.domainname; },
                     [&kernel](std::string v) { kernel.domainname = v; }, 64));
  dir.Add("pid_max", ConstantKnob(absl::StrCat(ProcessTable::kPidMax, "\n")));
  dir.Add("threads-max",
          ConstantKnob(absl::StrCat(
              ProcessTable::MaxThreads(kernel.options().memory_bytes), "\n")));
  dir.Add("randomize_va_space",
          ConstantKnob(kernel.options().aslr ? "2\n" : "0\n"));
  dir.Add("cap_last_cap", ConstantKnob("40\n"));
  dir.Add("ngroups_max", ConstantKnob("65536\n"));
  dir.Add("overflowuid", ConstantKnob("65534\n"));
  dir.Add("overflowgid", ConstantKnob("65534\n"));
  dir.Add("core_pattern", ConstantKnob("core\n"));
  dir.Add("tainted", ConstantKnob("0\n"));
  dir.Add("printk", ConstantKnob("4\t4\t1\t7\n"));
  dir.Add("random/uuid", {[&kernel] { return Uuid(kernel); }, nullptr});
  dir.Add("random/boot_id", ConstantKnob(Uuid(kernel)));
  dir.Add("random/entropy_avail", ConstantKnob("256\n"));
  dir.Add("random/poolsize", ConstantKnob("256\n"));
}

void AddFs(KnobDir& dir) {
  dir.Add("nr_open", ConstantKnob("1048576\n"));
  dir.Add("file-max", ConstantKnob("9223372036854775807\n"));
  dir.Add("pipe-max-size", ConstantKnob("1048576\n"));
  dir.Add("protected_symlinks", ConstantKnob("0\n"));
  dir.Add("protected_hardlinks", ConstantKnob("0\n"));
}

}  // namespace

void AddSysctl(KnobDir& sys, Kernel& kernel) {
  AddVm(sys.Dir("vm"), kernel);
  AddKernel(sys.Dir("kernel"), kernel);
  AddFs(sys.Dir("fs"));
}

}  // namespace faultline::os
