#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_SYS_KNOBS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_SYS_KNOBS_H_

// /sys: the CPUs, the memory node, transparent huge pages. Linux:
// drivers/base/cpu.c, node.c, mm/huge_memory.c.

#include "plugin/linux/fs/knobs.h"

namespace faultline::os {

class Kernel;

void AddSysKnobs(KnobDir& sys, Kernel& kernel);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_SYS_KNOBS_H_
