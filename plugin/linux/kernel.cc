#include "plugin/linux/kernel.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/base/check.h"
#include "guest_mm/reclaim/reclaim.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/fs/console_file.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/hugetlbfs.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/populate.h"
#include "plugin/linux/fs/proc/procfs.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/futex/futex_table.h"
#include "plugin/linux/ipc/pipe_file.h"
#include "plugin/linux/kernel_code.h"
#include "plugin/linux/loader/vdso.h"
#include "plugin/linux/memory/shm.h"
#include "plugin/linux/memory/swap_device.h"
#include "plugin/linux/tag_log.h"
#include "plugin/linux/task/exec.h"
#include "plugin/linux/task/oom_killer.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/validate_memory.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {

Kernel::Kernel(const KernelOptions& options, Console& console)
    : options_(options),
      console_(console),
      abi_(Abi::Of(options.arch)),
      random_(options.seed) {
  hostname = options.hostname;
  shm_ = std::make_shared<SysvShm>();
  sigqueue_ = std::make_shared<SigqueuePool>(options.memory_bytes);
}

Kernel::~Kernel() = default;

absl::StatusOr<std::unique_ptr<Kernel>> Kernel::Create(
    const KernelOptions& options, Console& console) {
  std::unique_ptr<Kernel> k(new Kernel(options, console));
  auto strategy = mm::ParseStrategy(options.schedule, options.seed);
  if (!strategy.ok()) {
    return strategy.status();
  }
  k->scheduler_ = std::make_unique<mm::Scheduler>(
      std::make_unique<mm::Recorder>(*std::move(strategy)));
  k->scheduler_->set_outside(
      [&console](mm::MayWait wait) { console.LookForInput(wait); });
  auto cpu = engine::Cpu::Create(options.arch, options.paging);
  if (!cpu.ok()) {
    return cpu.status();
  }
  k->cpu_ = *std::move(cpu);
  k->code_ = std::make_unique<KernelCode>(*k->cpu_);
  auto memory = mm::MemoryManager::Create(k->cpu_->arch_ops(), *k->cpu_,
                                          {.memory_bytes = options.memory_bytes,
                                           .swap_bytes = options.swap_bytes,
                                           .seed = options.seed,
                                           .behaviours = options.behaviours});
  if (!memory.ok()) {
    return memory.status();
  }
  k->memory_ = *std::move(memory);
  k->tag_log_ = std::make_unique<TagLog>(k->trace());
  k->memory_->set_user_copy(k->code_.get());
  k->oom_killer_ = std::make_unique<OomKiller>(*k);
  k->memory_->reclaim().set_oom_handler(k->oom_killer_.get());
  k->memory_->set_bug_handler([raw = k.get()](std::string_view where) {
    raw->Fail(
        absl::AbortedError(absl::StrCat("kernel BUG: ", std::string(where))));
  });
  if (absl::Status s = k->cpu_->AttachMemory(k->memory_->phys()); !s.ok()) {
    return s;
  }
  mm::Scheduler* scheduler = k->scheduler_.get();
  k->cpu_->set_clock([scheduler] { return scheduler->now().ns(); });
  k->futexes_ = std::make_shared<FutexTable>();
  if (absl::Status s = k->MakeFiles(); !s.ok()) {
    return s;
  }
  if (options.arch == engine::Arch::kArm64) {
    auto vdso = MakeVdso(k->memory_->phys());
    if (!vdso.ok()) {
      return absl::ResourceExhaustedError("too little memory to start");
    }
    k->vdso_ = *std::move(vdso);
  }
  return k;
}

absl::Status Kernel::MakeFiles() {
  Vfs::Options options;
  options.epoch = Timestamp::FromTimespec(int64_t(kRealtimeEpochSec), 0);
  vfs_ =
      std::make_shared<Vfs>(memory_->phys(), memory_->shared_slab(), options);
  vfs_->set_open_fifo([this](const Caller&, const Path& path, uint32_t flags) {
    return OpenFifo(memory_->phys(), path, flags);
  });
  if (absl::Status s = PopulateRoot(
          *vfs_, [this](absl::Span<std::byte> out) { FillRandom(out); });
      !s.ok()) {
    return s;
  }
  if (memory_->swap().total() != mm::PageCount()) {
    if (absl::Status s = vfs_->MakeBlockNode(kSwapPath, kSwapDevice); !s.ok()) {
      return s;
    }
  }
  if (absl::Status s = MountProcAndSys(*this); !s.ok()) {
    return s;
  }
  return MountHugetlbfs(*vfs_, *memory_);
}

uint64_t Kernel::realtime_ns() const {
  return kRealtimeEpochSec * kNsPerSec + now().ns() +
         uint64_t(realtime_offset_ns);
}

void Kernel::FillRandom(absl::Span<std::byte> out) {
  while (!out.empty()) {
    const uint64_t word = Random64();
    const size_t n = std::min(out.size(), sizeof word);
    std::memcpy(out.data(), &word, n);
    out.remove_prefix(n);
  }
}

void Kernel::Fail(absl::Status why) {
  if (failure_.ok()) {
    failure_ = std::move(why);
    scheduler_->Stop();
  }
}

void Kernel::NoteExit(const Process& process) {
  if (process.pid() == first_pid_ && !first_ended_) {
    first_ended_ = true;
    first_code_ = process.exit_code;
  }
}

absl::Status Kernel::Start(const Program& program) {
  const auto reserved = processes_.Reserve();
  FL_CHECK(reserved.ok());  // nothing else runs yet
  first_pid_ = reserved->id();
  auto process = std::make_shared<Process>(*this, first_pid_);
  // As a job of a shell: a group of its own in init's session.
  process->pgid = first_pid_;
  process->sid = 1;
  auto task = std::make_shared<Task>(*this, abi_, first_pid_, process);
  Credentials& cred = task->credentials;
  cred.uid = cred.euid = cred.suid = cred.fsuid = options_.uid;
  cred.gid = cred.egid = cred.sgid = cred.fsgid = options_.gid;
  if (options_.uid != 0) {
    cred.cap_effective = cred.cap_permitted = 0;
  }
  task->handlers = std::make_shared<SignalHandlers>();
  task->shared.fs = std::make_shared<FsContext>(vfs_->root(), vfs_->root());
  // As login(1) enters a home: its user may be unable to walk there.
  const Credentials root;
  auto cwd = LookupPath(Caller{root, task->fs(), task.get()}, vfs_->root(),
                        program.cwd);
  if (!cwd.ok()) {
    return absl::NotFoundError(
        absl::StrCat(program.cwd, ": no such directory in the guest"));
  }
  task->fs().set_cwd(*cwd);
  task->shared.files = std::make_shared<FdTable>(vfs_->slab());
  task->run.context = cpu_->NewContext();
  task->run.slice_ns = int64_t(rates_.slice_blocks * rates_.block_ns);
  if (absl::Status s = OpenStandardStreams(*task); !s.ok()) {
    return s;
  }
  if (absl::Status s = WriteSettings(*task); !s.ok()) {
    return s;
  }
  if (absl::Status s =
          ExecFirst(*task, program.path, program.argv, program.envp);
      !s.ok()) {
    return s;
  }
  processes_.Add(process);
  processes_.Add(task);
  SpawnTask(task);
  return absl::OkStatus();
}

absl::Status Kernel::OpenStandardStreams(Task& task) {
  for (StandardStream s :
       {StandardStream::kIn, StandardStream::kOut, StandardStream::kErr}) {
    auto fd = task.files().Install(MakeConsoleFile(console_, s),
                                   CloseOnExec::kNo, kRlimInfinity);
    if (!fd.ok()) {
      return absl::InternalError("cannot open the standard streams");
    }
  }
  return absl::OkStatus();
}

absl::Status Kernel::WriteSettings(Task& task) {
  Credentials root;
  const Caller caller{root, task.fs(), &task};
  for (const auto& [path, value] : options_.settings) {
    const std::string text = value + "\n";
    auto file = OpenPath(*vfs_, caller, vfs_->root(), path,
                         {.flags = kO_WRONLY | kO_TRUNC});
    if (!file.ok()) {
      return absl::NotFoundError(
          absl::StrCat("--set ", path, "=", value,
                       ": the guest has no file that can be written there"));
    }
    const ErrnoOr<uint64_t> written = (*file)->Write(
        task,
        absl::MakeConstSpan(reinterpret_cast<const std::byte*>(text.data()),
                            text.size()));
    if (!written.ok()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("--set %s=%s: it does not take that value: %s", path,
                          value, ErrnoName(written.error())));
    }
  }
  return absl::OkStatus();
}

RunResult Kernel::Run() {
  const mm::Scheduler::End end = scheduler_->Run();
  if (options_.validate) {
    (void)ValidateMemory(*this, nullptr);
  }
  RunResult result;
  if (first_ended_) {
    const int signo = first_code_ & 0x7f;
    result.kind =
        signo != 0 ? RunResult::Kind::kKilled : RunResult::Kind::kExited;
    result.code = signo != 0 ? signo : first_code_ >> 8 & 0xff;
  } else if (end == mm::Scheduler::End::kDeadlock) {
    result.kind = RunResult::Kind::kDeadlock;
    result.why = scheduler_->DescribeActors();
  }
  return result;
}

}  // namespace faultline::os
