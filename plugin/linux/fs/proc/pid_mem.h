#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_MEM_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_MEM_H_

// /proc/PID/mem and pagemap: a process's memory, and the frames behind it, by
// address. Linux: mem_rw() in fs/proc/base.c, pagemap_read() in
// fs/proc/task_mmu.c. Both speak of the memory the process had when the file
// was opened, and give nothing once that is gone.

#include <memory>

#include "plugin/linux/fs/proc/pid_dir.h"

namespace faultline::os {

std::shared_ptr<Inode> MakeMem(const std::shared_ptr<FileSystem>& fs,
                               const PidRef& ref, unsigned index);
std::shared_ptr<Inode> MakePagemap(const std::shared_ptr<FileSystem>& fs,
                                   const PidRef& ref, unsigned index);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_MEM_H_
