#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_MOUNTS_TEXT_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_MOUNTS_TEXT_H_

// /proc/PID/mounts and mountinfo. Linux: fs/proc_namespace.c.

#include <string>

#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/proc/pid_dir.h"

namespace faultline::os {

ErrnoOr<std::string> ShowMounts(const PidRef& ref);
ErrnoOr<std::string> ShowMountInfo(const PidRef& ref);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_MOUNTS_TEXT_H_
