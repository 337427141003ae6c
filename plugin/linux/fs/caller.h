#ifndef FAULTLINE_PLUGIN_LINUX_FS_CALLER_H_
#define FAULTLINE_PLUGIN_LINUX_FS_CALLER_H_

// Caller: on whose behalf a file system is asked. Linux looks at `current`;
// here it is said, so that the machine can look paths up before any task runs
// and tests need no machine.

#include "plugin/linux/task/credentials.h"

namespace faultline::os {

class FsContext;
class Task;

struct Caller {
  const Credentials& cred;
  const FsContext& fs;   // root, cwd, umask
  Task* task = nullptr;  // null at boot
};

// The running task as a caller; valid while the task lives.
Caller CallerOf(Task& task);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_CALLER_H_
