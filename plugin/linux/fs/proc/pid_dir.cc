#include "plugin/linux/fs/proc/pid_dir.h"

#include <array>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/named_inodes.h"
#include "plugin/linux/fs/proc/pid_fd.h"
#include "plugin/linux/fs/proc/pid_mem.h"
#include "plugin/linux/fs/proc/pid_text.h"
#include "plugin/linux/fs/regular_file.h"
#include "plugin/linux/fs/text_file.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr unsigned kFirstText = 16;  // index of kPidTexts[0]'s inode

class PidText final : public TextInode {
 public:
  PidText(const std::shared_ptr<FileSystem>& fs, const PidRef& ref,
          unsigned index, const PidTextFile& file)
      : TextInode(fs, PidIno(ref.id(), index), kS_IFREG | file.mode),
        ref_(ref),
        file_(file) {}
  ErrnoOr<std::string> Show() override {
    return file_.show == nullptr ? Errno::kEINVAL : file_.show(ref_);
  }
  ErrnoOr<Done> Store(absl::string_view text) override {
    return file_.store == nullptr ? Errno::kEINVAL : file_.store(ref_, text);
  }

 private:
  PidRef ref_;
  const PidTextFile& file_;
};

// exe, cwd, root: links to places.
class PlaceLink final : public Inode {
 public:
  using Find = ErrnoOr<Path> (*)(const PidRef&);
  PlaceLink(const std::shared_ptr<FileSystem>& fs, const PidRef& ref,
            unsigned index, Find find)
      : Inode(fs, PidIno(ref.id(), index), kS_IFLNK | 0777),
        ref_(ref),
        find_(find) {}
  ErrnoOr<std::string> ReadLink(const Caller& caller) override {
    FL_ASSIGN(const Path path, find_(ref_));
    return DPath(path, caller.fs.root());
  }
  ErrnoOr<std::optional<Path>> FollowMagic(const Caller&) override {
    FL_ASSIGN(Path path, find_(ref_));
    return std::optional<Path>(std::move(path));
  }

 private:
  PidRef ref_;
  Find find_;
};

ErrnoOr<Path> FindExe(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Process> process, ref.process());
  const auto file = std::dynamic_pointer_cast<RegularFile>(process->exe);
  if (file == nullptr) {
    return Errno::kENOENT;
  }
  return Path(*file->path());
}
ErrnoOr<Path> FindCwd(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Task> task, ref.task());
  return Path(task->fs().cwd());
}
ErrnoOr<Path> FindRoot(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Task> task, ref.task());
  return Path(task->fs().root());
}

// task/: the threads of a process.
class TaskDir final : public Inode {
 public:
  TaskDir(const std::shared_ptr<FileSystem>& fs, const PidRef& ref,
          unsigned index)
      : Inode(fs, PidIno(ref.id(), index), kS_IFDIR | 0555), ref_(ref) {}

  // Programs count their threads by it.
  KStat Stat() override {
    KStat s = Inode::Stat();
    const auto process = ref_.process();
    s.nlink = 2 + (process.ok() ? uint32_t((*process)->threads.size()) : 0);
    return s;
  }
  ErrnoOr<std::shared_ptr<Inode>> Lookup(const Caller&,
                                         absl::string_view name) override {
    const int tid = ParsePid(name);
    const auto task = ref_.kernel().processes().FindTask(tid);
    if (tid == 0 || task == nullptr || task->process().pid() != ref_.id()) {
      return Errno::kENOENT;
    }
    std::weak_ptr<Inode>& known = known_[tid];
    std::shared_ptr<Inode> dir = known.lock();
    if (dir == nullptr) {
      dir = MakePidDir(fs_ptr(), ref_.kernel(), tid, PidKind::kThread);
      known = dir;
    }
    return dir;
  }
  ErrnoOr<Done> ReadDir(const Caller&, uint64_t& position,
                        DirSink sink) override {
    FL_ASSIGN(const std::shared_ptr<Process> process, ref_.process());
    std::map<int, Task*> by_tid;
    for (Task* task : process->threads) {
      by_tid[task->tid()] = task;
    }
    for (auto it = by_tid.lower_bound(int(position) - 2); it != by_tid.end();
         ++it) {
      const uint64_t next = uint64_t(it->first) + 3;
      if (!sink({absl::StrCat(it->first), PidIno(it->first, 1),
                 uint8_t(kS_IFDIR >> 12), next})) {
        return kDone;
      }
      position = next;
    }
    return kDone;
  }

 private:
  PidRef ref_;
  std::map<int, std::weak_ptr<Inode>> known_;
};

class PidDir final : public Inode {
 public:
  PidDir(const std::shared_ptr<FileSystem>& fs, const PidRef& ref)
      : Inode(fs, PidIno(ref.id(), ref.kind() == PidKind::kThread ? 1 : 0),
              kS_IFDIR | 0555),
        ref_(ref) {
    nlink_ = 2;
    unsigned index = 2;
    Add("exe", std::make_shared<PlaceLink>(fs, ref, index++, FindExe));
    Add("cwd", std::make_shared<PlaceLink>(fs, ref, index++, FindCwd));
    Add("root", std::make_shared<PlaceLink>(fs, ref, index++, FindRoot));
    Add("fd", MakeFdDir(fs, ref, index++));
    Add("fdinfo", MakeFdInfoDir(fs, ref, index++));
    Add("pagemap", MakePagemap(fs, ref, index++));
    Add("mem", MakeMem(fs, ref, index++));
    if (ref.kind() == PidKind::kProcess) {
      Add("task", std::make_shared<TaskDir>(fs, ref, index++));
    }
    index = kFirstText;
    for (const PidTextFile& file : PidTexts()) {
      Add(std::string(file.name),
          std::make_shared<PidText>(fs, ref, index++, file));
    }
  }

  KStat Stat() override {
    KStat s = Inode::Stat();
    if (const auto task = ref_.task(); task.ok()) {
      s.uid = (*task)->cred().euid;
      s.gid = (*task)->cred().egid;
    }
    return s;
  }
  ErrnoOr<std::shared_ptr<Inode>> Lookup(const Caller&,
                                         absl::string_view name) override {
    FL_TRY(ref_.process());
    return FindIn(children_, name);
  }
  ErrnoOr<Done> ReadDir(const Caller&, uint64_t& position,
                        DirSink sink) override {
    ListIn(children_, position, sink);
    return kDone;
  }
  ErrnoOr<Done> SetAttr(const AttrChange&) override { return Errno::kEPERM; }

 private:
  void Add(std::string name, std::shared_ptr<Inode> inode) {
    AdjustLinks(inode->is_dir() ? 1 : 0);
    children_.emplace(std::move(name), std::move(inode));
  }

  PidRef ref_;
  NamedInodes children_;
};

}  // namespace

int ParsePid(absl::string_view name) {
  int pid;
  if (name.empty() || name[0] == '0' || name[0] == '+' ||
      name.find_first_not_of("0123456789") != name.npos ||
      !absl::SimpleAtoi(name, &pid)) {
    return 0;
  }
  return pid;
}

uint64_t PidIno(int id, unsigned index) {
  return (uint64_t(id) << 16 | index) + (uint64_t{1} << 32);
}

std::shared_ptr<Inode> MakePidDir(const std::shared_ptr<FileSystem>& fs,
                                  Kernel& kernel, int id, PidKind kind) {
  return std::make_shared<PidDir>(fs, PidRef(kernel, id, kind));
}

ErrnoOr<std::shared_ptr<Process>> PidRef::process() const {
  if (std::shared_ptr<Process> p = kernel_->processes().FindProcess(id_)) {
    return p;
  }
  if (const std::shared_ptr<Task> t = kernel_->processes().FindTask(id_)) {
    return t->shared_process();
  }
  return Errno::kESRCH;
}

ErrnoOr<std::shared_ptr<Task>> PidRef::task() const {
  std::shared_ptr<Task> task = kernel_->processes().FindTask(id_);
  if (task != nullptr && !task->exited()) {
    return task;
  }
  if (kind_ == PidKind::kThread) {
    return Errno::kESRCH;
  }
  FL_ASSIGN(const std::shared_ptr<Process> process, this->process());
  for (Task* thread : process->threads) {
    if (!thread->exited()) {
      return kernel_->processes().FindTask(thread->tid());
    }
  }
  return Errno::kESRCH;
}

ErrnoOr<std::shared_ptr<mm::AddressSpace>> PidRef::mm() const {
  FL_ASSIGN(const std::shared_ptr<Task> task, this->task());
  if (task->shared.mm == nullptr) {
    return Errno::kESRCH;
  }
  return task->shared.mm;
}

}  // namespace faultline::os
