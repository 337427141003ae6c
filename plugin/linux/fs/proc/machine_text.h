#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_MACHINE_TEXT_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_MACHINE_TEXT_H_

// The machine-wide files of /proc: meminfo, cpuinfo, stat, uptime, loadavg,
// version, filesystems, vmstat, cmdline, devices. Linux: fs/proc/*.c.

#include "plugin/linux/fs/knobs.h"

namespace faultline::os {

class Kernel;

void AddMachineText(KnobDir& proc, Kernel& kernel);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_MACHINE_TEXT_H_
