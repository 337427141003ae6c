#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_MTE_KNOB_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_MTE_KNOB_H_

// /sys/devices/system/cpu/cpu0/mte_tcf_preferred: how tags are checked for a
// thread that asks for several ways: "sync", "async" or "asymm".
// Linux: arch/arm64/kernel/mte.c mte_tcf_preferred_store().

#include "plugin/linux/fs/knobs.h"

namespace faultline::os {

class Kernel;

// `kernel` outlives it.
Knob MteTcfPreferredKnob(Kernel& kernel);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_MTE_KNOB_H_
