#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_THP_KNOBS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_THP_KNOBS_H_

// /sys/kernel/mm/transparent_hugepage. Linux: the attributes of
// mm/huge_memory.c and mm/khugepaged.c.

#include "guest_mm/mm/memory_manager.h"
#include "plugin/linux/fs/knobs.h"

namespace faultline::os {

// `memory` outlives the directory.
void AddThpKnobs(KnobDir& thp, mm::MemoryManager& memory);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_THP_KNOBS_H_
