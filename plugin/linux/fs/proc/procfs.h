#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_PROCFS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_PROCFS_H_

// /proc and /sys. Linux: fs/proc, fs/sysfs.
//
// proc_root.h: /proc itself; pid_dir.h: a process's directory; pid_text.h:
// its files; pid_fd.h: fd/ and fdinfo/; machine_text.h: meminfo, stat, ...;
// sysctl.h: /proc/sys; sys_knobs.h: /sys.

#include "absl/status/status.h"

namespace faultline::os {

class Kernel;

// Mounts both in a machine that has been populated.
absl::Status MountProcAndSys(Kernel& kernel);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_PROCFS_H_
