#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_SPLIT_KNOB_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_SPLIT_KNOB_H_

// /sys/kernel/debug/split_huge_pages: splits huge folios on demand. "1": all;
// "PID,0xSTART,0xEND": those in a range of a process's memory; "/PATH,0xFROM,
// 0xTO": those of a file's pages. Linux: mm/huge_memory.c
// split_huge_pages_write().

#include "plugin/linux/fs/knobs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {

// `kernel` outlives it.
Knob SplitHugePagesKnob(Kernel& kernel);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_SPLIT_KNOB_H_
