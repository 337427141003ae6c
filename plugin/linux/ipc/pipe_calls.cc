// pipe(2), pipe2(2). Linux: fs/pipe.c do_pipe2().

#include "plugin/linux/abi.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/ipc/install_pair.h"
#include "plugin/linux/ipc/pipe_file.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

SyscallResult DoPipe(Task& task, uint64_t uaddr, uint32_t flags) {
  if ((flags & ~(kO_CLOEXEC | kO_NONBLOCK | kO_DIRECT)) != 0) {
    return Errno::kEINVAL;
  }
  const CloseOnExec cloexec = CloseOnExecIf((flags & kO_CLOEXEC) != 0);
  PipeEnds ends =
      MakePipe(task.kernel().vfs(), flags & (kO_NONBLOCK | kO_DIRECT));
  FL_TRY(InstallPair(task, std::move(ends.read), std::move(ends.write), cloexec,
                     uaddr));
  return 0;
}

}  // namespace

SyscallResult SysPipe(Task& task, const SyscallArgs& args) {
  return DoPipe(task, args.Ptr(0), 0);
}

SyscallResult SysPipe2(Task& task, const SyscallArgs& args) {
  return DoPipe(task, args.Ptr(0), task.abi().OpenFlagsIn(args.Uint(1)));
}

}  // namespace faultline::os
