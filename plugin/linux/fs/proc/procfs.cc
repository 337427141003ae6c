#include "plugin/linux/fs/proc/procfs.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/proc/machine_text.h"
#include "plugin/linux/fs/proc/proc_root.h"
#include "plugin/linux/fs/proc/sys_knobs.h"
#include "plugin/linux/fs/proc/sysctl.h"
#include "plugin/linux/fs/text_file.h"
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

absl::Status WriteKnob(Kernel& kernel, absl::string_view path,
                       absl::string_view value) {
  const Credentials root;
  const FsContext fs(kernel.vfs().root(), kernel.vfs().root());
  const ErrnoOr<Path> found =
      LookupPath({root, fs, nullptr}, kernel.vfs().root(), path);
  auto* knob =
      found.ok() ? dynamic_cast<TextInode*>(found->inode().get()) : nullptr;
  if (knob == nullptr) {
    return absl::NotFoundError(absl::StrCat("the guest has no knob ", path));
  }
  if (const ErrnoOr<Done> r = knob->Store(absl::StrCat(value, "\n")); !r.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " does not take \"", value, "\": ",
                     absl::string_view(ErrnoName(r.error()).data(),
                                       ErrnoName(r.error()).size())));
  }
  return absl::OkStatus();
}

}  // namespace faultline::os
