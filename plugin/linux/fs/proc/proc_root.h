#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_PROC_ROOT_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_PROC_ROOT_H_

// ProcRoot: /proc: machine-wide files, self, and a directory for each process.
// Linux: fs/proc/root.c, proc_pid_readdir(). A thread's directory is found by
// its tid, too, but not listed.

#include <map>
#include <memory>

#include "plugin/linux/fs/knobs.h"

namespace faultline::os {

class Kernel;

class ProcRoot final : public KnobDir {
 public:
  ProcRoot(std::shared_ptr<FileSystem> fs, Kernel& kernel);

  ErrnoOr<std::shared_ptr<Inode>> Lookup(const Caller& caller,
                                         absl::string_view name) override;
  ErrnoOr<Done> ReadDir(const Caller& caller, uint64_t& position,
                        DirSink sink) override;

 private:
  Kernel& kernel_;
  // By tid. A directory lives as long as someone holds it.
  std::map<int, std::weak_ptr<Inode>> pids_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_PROC_ROOT_H_
