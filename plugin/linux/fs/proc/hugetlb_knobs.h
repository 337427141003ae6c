#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_HUGETLB_KNOBS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_HUGETLB_KNOBS_H_

#include "guest_mm/mm/memory_manager.h"
#include "plugin/linux/fs/knobs.h"

namespace faultline::os {

// The pools of huge pages, each in a directory of its own: all of
// /sys/kernel/mm/hugepages. Linux: mm/hugetlb.c hugetlb_sysfs_init().
void AddHugetlbKnobs(KnobDir& hugepages, mm::MemoryManager& memory);
// What a node shows of them, in /sys/devices/system/node/node0/hugepages.
void AddNodeHugetlbKnobs(KnobDir& hugepages, mm::MemoryManager& memory);
// The default pool's, in /proc/sys/vm.
void AddHugetlbSysctl(KnobDir& vm, mm::MemoryManager& memory);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_HUGETLB_KNOBS_H_
