#ifndef FAULTLINE_PLUGIN_LINUX_KERNEL_H_
#define FAULTLINE_PLUGIN_LINUX_KERNEL_H_

// Kernel: the guest machine. Owns its CPU, memory, scheduler, files and
// processes. One per run; nothing of it is global, so tests make many.
//
// Life: Create -> (mounts and knobs) -> Start -> Run -> ask how it ended.

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "guest_mm/file/mapped_file.h"
#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/engine/cpu.h"
#include "plugin/linux/abi_arm64_mte.h"
#include "plugin/linux/console.h"
#include "plugin/linux/task/process_table.h"

namespace faultline::os {

class Abi;
class Debugger;
class FutexTable;
class KernelCode;
class KernelObserver;
class SysvShm;
class TagLog;
class Vfs;

// Counts since the start, for --stats.
struct KernelStats {
  uint64_t syscalls = 0;
  uint64_t signals = 0;
  uint64_t forks = 0;
  uint64_t execs = 0;
};

// Nanoseconds of virtual time that things take. Fixed: a run's times repeat.
struct TimeRates {
  uint64_t block_ns = 4;  // a basic block in user mode, when counted
  uint64_t syscall_ns = 300;
  uint64_t fault_ns = 700;
  uint64_t slice_blocks = 50'000;  // a time slice while others could run
};

struct KernelOptions {
  engine::Arch arch = engine::Arch::kX86;
  engine::Paging paging = engine::Paging::kUsual;
  uint64_t memory_bytes = 512ull << 20;
  uint64_t swap_bytes = 0;
  uint64_t seed = 0;
  std::string schedule = "rr";  // mm::ParseStrategy
  std::string hostname = "faultline";
  uint32_t uid = 0;
  uint32_t gid = 0;
  bool aslr = true;
  bool validate = false;  // the memory manager, after every call and fault
  mm::BehaviourSet behaviours{};
  // Files to write before the program starts: knobs in /proc and /sys.
  std::vector<std::pair<std::string, std::string>> settings;
};

// What to run, as the guest sees it.
struct Program {
  std::string path;
  std::vector<std::string> argv;
  std::vector<std::string> envp;
  std::string cwd = "/";  // an existing directory
};

// How the first process ended.
struct RunResult {
  enum class Kind : uint8_t { kExited, kKilled, kDeadlock };
  Kind kind = Kind::kExited;
  int code = 0;     // exit status or signal
  std::string why;  // kDeadlock: who waits for what
  int exit_status() const { return kind == Kind::kExited ? code : 128 + code; }
};

class OomKiller;

class Kernel {
 public:
  // `console` outlives it. Fails as Cpu::Create, MemoryManager::Create and
  // mm::ParseStrategy do.
  static absl::StatusOr<std::unique_ptr<Kernel>> Create(
      const KernelOptions& options, Console& console);
  ~Kernel();

  const KernelOptions& options() const { return options_; }
  const Abi& abi() const { return abi_; }
  engine::Cpu& cpu() { return *cpu_; }
  // What of the kernel is code of the guest.
  KernelCode& code() { return *code_; }
  mm::MemoryManager& memory() { return *memory_; }
  mm::Scheduler& scheduler() { return *scheduler_; }
  mm::Trace& trace() { return memory_->trace(); }
  Vfs& vfs() { return *vfs_; }
  FutexTable& futexes() { return *futexes_; }
  SysvShm& shm() { return *shm_; }
  // Bounds what the machine keeps for queued signals (signal/sigqueue.h).
  SigqueuePool& sigqueue() { return *sigqueue_; }
  ProcessTable& processes() { return processes_; }
  Console& console() { return console_; }
  TagLog& tag_log() { return *tag_log_; }
  // arm64: of the ways to check tags, the one that the CPU prefers.
  uint64_t mte_tcf_preferred = kMteTcfAsync;
  // The page of kernel code in every program; null on x86.
  const std::shared_ptr<mm::MappedFile>& vdso() const { return vdso_; }
  const TimeRates& rates() const { return rates_; }
  KernelObserver* observer() const { return observer_; }
  // Outlives the machine; null: none.
  void set_observer(KernelObserver* observer) { observer_ = observer; }
  // As the observer; unlike it, it may stop tasks and change them.
  Debugger* debugger() const { return debugger_; }
  void set_debugger(Debugger* debugger) { debugger_ = debugger; }
  KernelStats& stats() { return stats_; }
  // While others could run, each instruction of a thread's own code at a `pc`
  // that it says yes to is a schedule point (kUserInsn). Null, as at first:
  // user code is left only at the end of a slice, and runs at full speed.
  using UserPoints = std::function<bool(const Task& task, uint64_t pc)>;
  const UserPoints& user_points() const { return user_points_; }
  void set_user_points(UserPoints points) { user_points_ = std::move(points); }

  // Virtual time since boot; real time is a fixed epoch later plus what
  // clock_settime() moved.
  mm::VirtualTime now() const { return scheduler_->now(); }
  uint64_t realtime_ns() const;
  int64_t realtime_offset_ns = 0;

  // Seeded: what getrandom(2), AT_RANDOM and address-space randomisation draw
  // from.
  uint64_t Random64() { return random_(); }
  void FillRandom(absl::Span<std::byte> out);

  std::string hostname;
  std::string domainname = "(none)";

  // Makes the first process from `program`. The Status says what is wrong
  // with the file; nothing has run then.
  absl::Status Start(const Program& program);
  // Runs until the first process and all others have ended, or none can go
  // on.
  RunResult Run();
  // Trouble of ours, not the guest's: the run ends as soon as it can and
  // failure() says why. The first one wins.
  void Fail(absl::Status why);
  const absl::Status& failure() const { return failure_; }
  int first_pid() const { return first_pid_; }
  // The first process has ended; its code is what the run's result will be.
  void NoteExit(const Process& process);

 private:
  Kernel(const KernelOptions& options, Console& console);
  absl::Status MakeFiles();
  absl::Status OpenStandardStreams(Task& task);
  absl::Status WriteSettings(Task& task);

  KernelOptions options_;
  Console& console_;
  const Abi& abi_;
  TimeRates rates_;
  std::mt19937_64 random_;
  // In this order: each uses those above it.
  std::unique_ptr<engine::Cpu> cpu_;
  std::unique_ptr<KernelCode> code_;
  std::unique_ptr<mm::MemoryManager> memory_;
  std::unique_ptr<mm::Scheduler> scheduler_;
  std::shared_ptr<Vfs> vfs_;
  std::shared_ptr<FutexTable> futexes_;
  std::shared_ptr<SysvShm> shm_;
  std::shared_ptr<mm::MappedFile> vdso_;
  std::shared_ptr<SigqueuePool> sigqueue_;
  ProcessTable processes_;
  std::unique_ptr<OomKiller> oom_killer_;
  std::unique_ptr<TagLog> tag_log_;
  KernelObserver* observer_ = nullptr;
  Debugger* debugger_ = nullptr;
  UserPoints user_points_;
  KernelStats stats_;
  absl::Status failure_;
  int first_pid_ = 0;
  bool first_ended_ = false;
  int first_code_ = 0;  // as wait(2) encodes it
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_KERNEL_H_
