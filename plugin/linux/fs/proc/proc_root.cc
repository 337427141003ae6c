#include "plugin/linux/fs/proc/proc_root.h"

#include "absl/strings/str_cat.h"
#include "plugin/linux/fs/proc/pid_dir.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// Positions of processes in a listing; the machine-wide files come before.
constexpr uint64_t kFirstPid = 1 << 16;

// /proc/self and /proc/thread-self: who asks.
class SelfLink final : public Inode {
 public:
  enum class Which : uint8_t { kProcess, kThread };
  SelfLink(const std::shared_ptr<FileSystem>& fs, Which which)
      : Inode(fs, fs->NextIno(), kS_IFLNK | 0777), which_(which) {}

  ErrnoOr<std::string> ReadLink(const Caller& caller) override {
    if (caller.task == nullptr) {
      return Errno::kENOENT;
    }
    const int pid = caller.task->process().pid();
    if (which_ == Which::kProcess) {
      return absl::StrCat(pid);
    }
    return absl::StrCat(pid, "/task/", caller.task->tid());
  }

 private:
  Which which_;
};

}  // namespace

ProcRoot::ProcRoot(std::shared_ptr<FileSystem> fs, Kernel& kernel)
    : KnobDir(fs), kernel_(kernel) {
  AddChild("self", std::make_shared<SelfLink>(fs, SelfLink::Which::kProcess));
  AddChild("thread-self",
           std::make_shared<SelfLink>(fs, SelfLink::Which::kThread));
  AddLink("mounts", "self/mounts");
}

ErrnoOr<std::shared_ptr<Inode>> ProcRoot::Lookup(const Caller& caller,
                                                 absl::string_view name) {
  const int pid = ParsePid(name);
  if (pid == 0) {
    return KnobDir::Lookup(caller, name);
  }
  if (kernel_.processes().FindProcess(pid) == nullptr &&
      kernel_.processes().FindTask(pid) == nullptr) {
    return Errno::kENOENT;
  }
  std::weak_ptr<Inode>& known = pids_[pid];
  std::shared_ptr<Inode> dir = known.lock();
  if (dir == nullptr) {
    dir = MakePidDir(fs_ptr(), kernel_, pid, PidKind::kProcess);
    known = dir;
  }
  return dir;
}

ErrnoOr<Done> ProcRoot::ReadDir(const Caller& caller, uint64_t& position,
                                DirSink sink) {
  if (position < kFirstPid) {
    bool full = false;
    FL_TRY(KnobDir::ReadDir(caller, position, [&](const DirEntry& e) {
      full = full || !sink(e);
      return !full;
    }));
    if (full) {
      return kDone;
    }
    position = kFirstPid;
  }
  const auto& processes = kernel_.processes().processes();
  for (auto it = processes.lower_bound(int(position - kFirstPid));
       it != processes.end(); ++it) {
    const uint64_t next = kFirstPid + uint64_t(it->first) + 1;
    if (!sink({absl::StrCat(it->first), PidIno(it->first, 0),
               uint8_t(kS_IFDIR >> 12), next})) {
      return kDone;
    }
    position = next;
  }
  return kDone;
}

}  // namespace faultline::os
