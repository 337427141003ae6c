#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_TEXT_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_TEXT_H_

// The text files of /proc/PID, as Linux 6.12 formats them. Linux:
// fs/proc/base.c, fs/proc/array.c; memory's own are guest_mm's.

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/proc/pid_dir.h"

namespace faultline::os {

struct PidTextFile {
  absl::string_view name;
  uint32_t mode;
  ErrnoOr<std::string> (*show)(const PidRef&);               // may be null
  ErrnoOr<Done> (*store)(const PidRef&, absl::string_view);  // may be null
};

// A file's place in the list gives its inode number: append, do not insert.
absl::Span<const PidTextFile> PidTexts();

// array.c's two big ones, a file each.
ErrnoOr<std::string> ShowPidStatus(const PidRef& ref);
ErrnoOr<std::string> ShowPidStat(const PidRef& ref);
ErrnoOr<std::string> ShowPidLimits(const PidRef& ref);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_TEXT_H_
