#include "plugin/linux/task/exec.h"

#include "absl/strings/str_cat.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/abi_arm64_mte.h"
#include "plugin/linux/debugger.h"
#include "plugin/linux/fs/caller.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/loader/load_error.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/exit.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/posix_timers.h"

namespace faultline::os {
namespace {

constexpr size_t kMaxStrings = 0x7ffffff;  // MAX_ARG_STRINGS, cut down
constexpr size_t kMaxString = 128 * 1024;
constexpr int kAtFdcwd = -100;
constexpr int kAtSymlinkNofollow = 0x100;
constexpr int kAtEmptyPath = 0x1000;

class TaskFiles : public ProgramFiles {
 public:
  TaskFiles(Task& task, Follow follow) : task_(task), follow_(follow) {}
  ErrnoOr<std::shared_ptr<File>> Open(const std::string& path) override {
    const Follow follow = std::exchange(follow_, Follow::kYes);
    return OpenForExec(task_.kernel().vfs(), CallerOf(task_), task_.fs().cwd(),
                       path, follow);
  }

 private:
  Task& task_;
  Follow follow_;  // of the program itself; its interpreter's are followed
};

ErrnoOr<std::vector<std::string>> ReadStrings(Task& task, uint64_t list,
                                              uint64_t& budget) {
  std::vector<std::string> out;
  if (list == 0) {
    return out;
  }
  for (size_t i = 0; i < kMaxStrings; ++i) {
    FL_ASSIGN(const uint64_t at, task.user().Get<uint64_t>(list + 8 * i));
    if (at == 0) {
      return out;
    }
    auto text = task.user().GetString(at, kMaxString);
    if (!text.ok()) {
      return text.error() == Errno::kENAMETOOLONG ? Errno::kE2BIG
                                                  : text.error();
    }
    if (text->size() + 1 + 8 > budget) {
      return Errno::kE2BIG;
    }
    budget -= text->size() + 1 + 8;
    out.push_back(*std::move(text));
  }
  return Errno::kE2BIG;
}

absl::StatusOr<LoadedProgram> LoadFor(Task& task, std::shared_ptr<File> file,
                                      const std::string& path, Follow follow,
                                      std::vector<std::string> argv,
                                      std::vector<std::string> envp) {
  constexpr uint32_t kAddrNoRandomize = 0x0040000;
  Kernel& kernel = task.kernel();
  TaskFiles files(task, follow);
  return Load(
      {.memory = kernel.memory(),
       .code = kernel.code(),
       .abi = task.abi(),
       .files = files,
       .cred = task.cred(),
       .random = [&kernel] { return kernel.Random64(); },
       .randomize =
           kernel.options().aslr && (task.personality & kAddrNoRandomize) == 0,
       .vdso = kernel.vdso(),
       .limits = MmLimitsOf(task.process(), task.cred()),
       // The first program has no memory before it.
       .thp_disabled = task.shared.mm != nullptr && task.mm().thp_disabled,
       .file = std::move(file),
       .path = path,
       .argv = std::move(argv),
       .envp = std::move(envp)});
}

// de_thread(): asks the other threads to leave and waits until they have.
// False if this thread was told to leave instead.
bool BeAlone(Task& task) {
  Process& process = task.process();
  if (process.exiting || process.exec_task != nullptr) {
    return false;
  }
  process.exec_task = &task;
  for (Task* t : process.threads) {
    if (t != &task) {
      t->run.exit_requested = true;
      RecalcSigpending(*t);
    }
  }
  while (process.threads.size() > 1 && !process.exiting) {
    const auto woken = task.kernel().scheduler().Wait(
        process.thread_exited, mm::Interruptible::kKillable);
    if (woken == mm::WaitResult::kInterrupted) {
      break;
    }
  }
  process.exec_task = nullptr;
  if (process.exiting || process.threads.size() > 1) {
    return false;
  }
  if (!task.is_leader()) {
    if (Task* old = process.leader(); old->ptrace.active()) {
      old->ptrace.tracer->process().wait_children.WakeAll();
      PtraceUnlink(*old);
    }
    task.kernel().processes().BecomeLeader(task);
  }
  return true;
}

void ResetHandlers(Task& task) {
  auto fresh = std::make_shared<SignalHandlers>();
  for (size_t i = 1; i < fresh->action.size(); ++i) {
    if (task.handlers != nullptr && task.handlers->action[i].is_ignore()) {
      fresh->action[i].handler = 1;
    }
  }
  task.handlers = std::move(fresh);
}

SyscallResult Exec(Task& task, std::shared_ptr<File> file,
                   const std::string& path, Follow follow, uint64_t argv_at,
                   uint64_t envp_at) {
  // Both lists together; the loader looks at the stack's limit.
  uint64_t budget = 6ull << 20;
  FL_ASSIGN(auto argv, ReadStrings(task, argv_at, budget));
  FL_ASSIGN(auto envp, ReadStrings(task, envp_at, budget));
  auto program = LoadFor(task, std::move(file), path, follow, std::move(argv),
                         std::move(envp));
  if (!program.ok()) {
    return ErrnoOf(program.status());
  }
  const int old_tid = task.tid();
  if (!BeAlone(task)) {
    return Errno::kEAGAIN;  // nobody sees it: the task is about to exit
  }
  if (task.shared.files.use_count() > 1) {
    FL_ASSIGN(task.shared.files, task.files().Copy());
  }
  ReleaseMm(task);
  Become(task, *std::move(program), path);
  if (task.kernel().debugger() != nullptr) [[unlikely]] {
    LoadTask(task);
    task.kernel().debugger()->OnExec(task, old_tid);
  }
  PtraceEvent(task, kEventExec, uint64_t(old_tid));
  task.cred().keep_caps = false;
  task.process().did_exec = true;
  ++task.kernel().stats().execs;
  return 0;
}

}  // namespace

mm::MmLimits MmLimitsOf(const Process& process, const Credentials& cred) {
  constexpr int kCapSysRawio = 17;
  mm::MmLimits limits;
  limits.as = process.rlimits[kRlimitAs].soft;
  limits.data = process.rlimits[kRlimitData].soft;
  limits.stack = process.rlimits[kRlimitStack].soft;
  limits.memlock = process.rlimits[kRlimitMemlock].soft;
  limits.can_exceed_memlock = cred.HasCap(kCapIpcLock);
  limits.can_map_low = cred.HasCap(kCapSysRawio);
  return limits;
}

void Become(Task& task, LoadedProgram program, const std::string& path) {
  Process& process = task.process();
  engine::Cpu& cpu = task.kernel().cpu();
  DeletePosixTimers(process);
  task.files().CloseForExec();
  ResetHandlers(task);
  task.signals.alt_stack = AltStack{};
  task.rseq = {};
  SetTaggedAddrCtrl(task, 0);
  task.run.late_tag_fault = false;
  task.comm = program.comm;
  const Path* where = program.exe->path();
  process.exe_path = where != nullptr ? DPath(*where, task.fs().root()) : path;
  process.exe = program.exe->Mappable();
  process.aux = std::move(program.aux);
  process.sigreturn_code = program.sigreturn_code;
  process.dumpable = 1;
  process.membarrier_registered = 0;
  process.exit_signal = kSigChld;

  // The old memory goes only when nothing refers to it any more, the CPU
  // included.
  const std::shared_ptr<mm::AddressSpace> old =
      std::exchange(task.shared.mm, std::move(program.mm));
  LoadTask(task);
  cpu.WriteRegisters(task.abi().EntryRegisters(program.pc, program.sp));
}

absl::Status ExecFirst(Task& task, const std::string& path,
                       std::vector<std::string> argv,
                       std::vector<std::string> envp) {
  auto program = LoadFor(task, nullptr, path, Follow::kYes, std::move(argv),
                         std::move(envp));
  if (!program.ok()) {
    return program.status();
  }
  Become(task, *std::move(program), path);
  return absl::OkStatus();
}

SyscallResult SysExecve(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::string path,
            task.user().GetString(args.Ptr(0), kPathMax));
  return Exec(task, nullptr, path, Follow::kYes, args.Ptr(1), args.Ptr(2));
}

SyscallResult SysExecveat(Task& task, const SyscallArgs& args) {
  const int fd = args.Int(0);
  const int flags = args.Int(4);
  if ((flags & ~(kAtEmptyPath | kAtSymlinkNofollow)) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const std::string path,
            task.user().GetString(args.Ptr(1), kPathMax));
  const Follow follow =
      (flags & kAtSymlinkNofollow) != 0 ? Follow::kNo : Follow::kYes;
  if (fd == kAtFdcwd || path.starts_with('/')) {
    return Exec(task, nullptr, path, follow, args.Ptr(2), args.Ptr(3));
  }
  FL_ASSIGN(const std::shared_ptr<File> at, task.files().GetAny(fd));
  const std::string name = absl::StrCat("/dev/fd/", fd);
  if (path.empty()) {
    if ((flags & kAtEmptyPath) == 0) {
      return Errno::kENOENT;
    }
    if (at->path() == nullptr) {
      // memfd and the like: no place to look up, the file itself is run.
      return Exec(task, at, name, follow, args.Ptr(2), args.Ptr(3));
    }
    FL_ASSIGN(const auto file, OpenAt(task.kernel().vfs(), CallerOf(task),
                                      *at->path(), kO_RDONLY));
    return Exec(task, file, name, follow, args.Ptr(2), args.Ptr(3));
  }
  if (at->path() == nullptr) {
    return Errno::kENOTDIR;
  }
  FL_ASSIGN(const auto file, OpenForExec(task.kernel().vfs(), CallerOf(task),
                                         *at->path(), path, follow));
  return Exec(task, file, absl::StrCat(name, "/", path), follow, args.Ptr(2),
              args.Ptr(3));
}

}  // namespace faultline::os
