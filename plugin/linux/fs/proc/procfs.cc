#include "plugin/linux/fs/proc/procfs.h"

#include <memory>

#include "plugin/linux/fs/proc/kpage.h"
#include "plugin/linux/fs/proc/machine_text.h"
#include "plugin/linux/fs/proc/proc_root.h"
#include "plugin/linux/fs/proc/sys_knobs.h"
#include "plugin/linux/fs/proc/sysctl.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

constexpr uint64_t kProcMagic = 0x9fa0;
constexpr uint64_t kSysMagic = 0x62656572;

}  // namespace

absl::Status MountProcAndSys(Kernel& kernel) {
  Vfs& vfs = kernel.vfs();
  auto proc_fs = std::make_shared<FileSystem>("proc", kProcMagic, vfs.NextDev(),
                                              vfs.clock());
  auto proc = std::make_shared<ProcRoot>(proc_fs, kernel);
  AddMachineText(*proc, kernel);
  AddKpageFiles(*proc, kernel);
  AddSysctl(proc->Dir("sys"), kernel);
  if (absl::Status s = vfs.MountAt("/proc", proc, ReadOnly::kNo, "proc");
      !s.ok()) {
    return s;
  }
  auto sys_fs = std::make_shared<FileSystem>("sysfs", kSysMagic, vfs.NextDev(),
                                             vfs.clock());
  auto sys = std::make_shared<KnobDir>(sys_fs);
  AddSysKnobs(*sys, kernel);
  return vfs.MountAt("/sys", sys, ReadOnly::kNo, "sysfs");
}

}  // namespace faultline::os
