#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_SYSCTL_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_SYSCTL_H_

// /proc/sys. Linux: kernel/sysctl.c, mm/*.c. Only knobs that do something
// here, or that programs read before they go on, exist.

#include "plugin/linux/fs/knobs.h"

namespace faultline::os {

class Kernel;

void AddSysctl(KnobDir& sys, Kernel& kernel);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_SYSCTL_H_
