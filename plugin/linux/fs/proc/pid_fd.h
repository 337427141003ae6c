#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_FD_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_FD_H_

// /proc/PID/fd and fdinfo. Linux: fs/proc/fd.c.

#include <memory>

#include "plugin/linux/fs/proc/pid_dir.h"

namespace faultline::os {

std::shared_ptr<Inode> MakeFdDir(const std::shared_ptr<FileSystem>& fs,
                                 const PidRef& ref, unsigned index);
std::shared_ptr<Inode> MakeFdInfoDir(const std::shared_ptr<FileSystem>& fs,
                                     const PidRef& ref, unsigned index);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_FD_H_
