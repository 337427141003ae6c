#ifndef FAULTLINE_PLUGIN_GDB_STUB_H_
#define FAULTLINE_PLUGIN_GDB_STUB_H_

// Stub: a debugged machine. It is told by the machine of every place where it
// could stop (os::Debugger), stops there if gdb wants it to, and then answers
// gdb (Target, server.h) until that lets the machine go on.
//
// Nothing of this is seen by the guest: breakpoints are not in its memory, its
// time stands while it stands, and when gdb asks for something is no part of
// the run. What gdb changes is kept (Session::changes), for the way back in
// time: an earlier copy of the process (history.h) runs to where gdb wants to
// be, by position, making the same changes on its way (plan.h).
//
// Its parts: stub_run.cc user mode, stub_events.cc the kernel's own stops,
// stub_serve.cc talking to gdb, stub_state.cc what gdb reads and changes,
// stub_back.cc the way back, monitor.cc commands of its own.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guest_mm/sync/scheduler.h"
#include "plugin/engine/debug.h"
#include "plugin/gdb/connection.h"
#include "plugin/gdb/console.h"
#include "plugin/gdb/history.h"
#include "plugin/gdb/plan.h"
#include "plugin/gdb/server.h"
#include "plugin/gdb/session.h"
#include "plugin/gdb/target.h"
#include "plugin/linux/debugger.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/observer.h"

namespace faultline::gdb {

class Stub final : public os::Debugger, public Target {
 public:
  // What `monitor inject` needs of who started the machine: adds a rule, or
  // says what is wrong with it; null: not to be had.
  using Inject = std::function<absl::Status(const std::string&)>;

  using OnPassing =
      std::function<void(std::string_view site, const mm::Actor* actor)>;

  // All outlive it, or are given. `console` is the machine's.
  struct Parts {
    os::Kernel& kernel;
    RewindConsole& console;
    Connection& connection;
    History& history;  // outlives the machine: whoever ends the run ends it
    Inject inject{};
    // Has every schedule point and failure site that is passed told.
    std::function<void(OnPassing)> each_point{};
  };
  explicit Stub(Parts parts);
  ~Stub() override;

  // os::Debugger
  engine::Trap RunUser(os::Task& task, uint64_t max_blocks) override;
  engine::Trap StepUser(os::Task& task) override;
  std::optional<os::SigInfo> OnSignal(os::Task& task,
                                      const os::SigInfo& info) override;
  void OnSyscall(os::Task& task, uint64_t number,
                 os::SyscallEdge edge) override;
  void OnClone(os::Task& parent, os::Task& child, uint64_t flags) override;
  void OnVforkDone(os::Task& parent) override;
  void OnExec(os::Task& task, int old_tid) override;
  void OnFault(os::Task& task, const mm::Fault& fault,
               const mm::PageFaultOutcome& outcome) override;
  void OnExit(os::Task& task) override;

  // Target
  engine::Arch arch() const override;
  std::vector<ThreadId> Threads() override;
  std::string ThreadName(ThreadId thread) override;
  std::optional<std::string> Registers(ThreadId thread) override;
  bool SetRegisters(ThreadId thread, std::string_view bytes) override;
  std::string Memory(int64_t pid, uint64_t address, uint64_t bytes) override;
  bool SetMemory(int64_t pid, uint64_t address,
                 std::string_view bytes) override;
  std::optional<std::string> Tags(int64_t pid, uint64_t address,
                                  uint64_t bytes) override;
  bool SetTags(int64_t pid, uint64_t address, std::string_view tags) override;
  std::optional<std::string> Auxv(int64_t pid) override;
  std::string ExecFile(int64_t pid) override;
  std::optional<std::string> Siginfo() override;
  bool SetSiginfo(std::string_view bytes) override;
  std::optional<std::string> File(const std::string& path) override;
  bool SetPoints() override;
  void Detach(int64_t pid) override;
  std::string Monitor(const std::string& command) override;

 private:
  // What a thread was let go with.
  struct Going {
    bool steps = false;
    uint64_t from = 0;  // the step is over when it is elsewhere
    uint64_t range_start = 0, range_end = 0;
    // x86: an access that gdb is told of once the instruction is done.
    std::optional<Stop> watch{};
    uint64_t watch_from = 0;
    // The instruction there has begun, and its page fault is dealt with.
    std::optional<uint64_t> faulted{};
    // Where it went into its last system call.
    std::optional<Position> called{};
  };

  // --- stub_run.cc ---
  // The engine's way into user mode: a run, or one instruction.
  struct Entry {
    bool one = false;
    uint64_t max_blocks = 0;
  };
  engine::Trap EnterUser(os::Task& task, const Entry& entry);
  engine::Trap RunOn(os::Task& task, Going& going, const Entry& entry);
  void StopBefore(os::Task& task, Going& going);
  // A stop of the CPU's; afterwards it is to go on.
  void StopWithin(os::Task& task, Going& going);
  void OnBreakpoint(os::Task& task);
  void OnWatch(os::Task& task, Going& going);
  void OnStep(os::Task& task, Going& going);
  void OnKernelAccess(os::Task& task, const Going& going);
  void Arm(os::Task& task, Going& going, const Entry& entry);
  const Point* PointAt(os::Task& task, uint64_t pc) const;
  std::optional<Stop> WatchedBy(os::Task& task,
                                const engine::CpuDebug::Access& access) const;
  bool OnBlock(const engine::CpuDebug::Place& place);
  bool IsMark(uint64_t blocks) const;
  // Who runs; null: nobody, or not a task.
  static const os::Task* CurrentTask();
  Position Here();

  // --- stub_events.cc ---
  bool Attached(const os::Task& task) const;
  static ThreadId IdOf(const os::Task& task);
  // The machine is at a place of the kernel's own.
  void AtEvent(os::Task* task);

  void OnPoint(std::string_view site, const mm::Actor* actor);
  void CountPoints();

  // --- stub_serve.cc ---
  // Tells gdb, and answers it until it lets the machine go on.
  void Serve(os::Task* task, Stop stop);
  void GoOn(os::Task* task, const Resume& resume);
  void Leave();
  void StopGoing();
  // It stands between two runs in user mode; and that at a schedule point.
  bool at_event() const { return stopped_at_.block == 0 || at_point(); }
  bool at_point() const { return stopped_at_.block == ~uint64_t{0}; }
  void KeepCopy();

  // --- stub_back.cc ---
  // The machine is where something is due: a change, the end of a plan.
  void AtPosition(os::Task* task);
  bool Reruns() const { return plan_.has_value(); }
  std::optional<Position> Due() const;
  void Apply(const Change& change, os::Task* task);
  // The way back has come by a place that may be the one.
  void NotePlan(const Stop& stop, const Position& at);
  // The step that was noted last, if it was there, was none.
  void ForgetFound(const Position& at);
  bool FindsSteps(const os::Task& task) const;
  void EndPlan(os::Task* task);
  void TakeUp(Plan plan);
  [[noreturn]] void GoBack(Plan plan);
  [[noreturn]] void BackStep();
  [[noreturn]] void BackContinue();
  Plan NewPlan(Plan::Kind kind) const;
  void Record(Change change);

  // --- stub_state.cc ---
  std::shared_ptr<os::Task> Find(ThreadId thread) const;
  std::shared_ptr<mm::AddressSpace> SpaceOf(int64_t pid) const;
  // What `look` says, in a copy of the process: the machine is as it was.
  std::optional<std::string> Aside(
      const std::function<std::optional<std::string>()>& look);
  bool WriteNow(const Change& change);

  // --- monitor.cc ---
  std::string MonitorMemory(os::Task& task, const std::string& name,
                            const std::string& argument);
  std::string MonitorInject(const std::string& rule);
  std::string MonitorStop(const std::vector<std::string>& words);

  engine::CpuDebug& cpu() const { return kernel_.cpu().debug(); }

  os::Kernel& kernel_;
  RewindConsole& console_;
  Connection& connection_;
  History& history_;
  Inject inject_;
  std::function<void(OnPassing)> each_point_;
  bool counts_points_ = false;  // each_point_ was called
  Session session_;
  Server server_{*this, session_};
  std::optional<Plan> plan_;  // while on the way to where gdb is
  bool from_reached_ = false;
  size_t changes_made_ = 0;  // of session_.changes
  // What the plan has found so far, and where; and what before that.
  struct Found {
    Stop stop{};
    Position at{};
    uint64_t blocks = 0;  // run there
  };
  std::optional<Found> found_, found_before_;
  os::KernelObserver* observer_;  // the machine's, muted while it repeats

  uint64_t epoch_ = 0, points_ = 0;
  Position stopped_at_, served_at_;
  Position first_at_, began_at_;  // of all copies; of the one that this was
  Position furthest_;
  Stop last_stop_;
  os::Task* stopped_task_ = nullptr;
  os::SigInfo* signal_ = nullptr;  // that the machine stands at
  int deliver_ = 0;                // of it, or another
  std::map<int, Going> going_;     // by tid
  uint64_t blocks_ = 0, blocks_kept_ = 0, polled_ = 0;
  bool interrupted_ = false, wants_copy_ = false, serving_ = false;
  struct NotedFault {
    Position at;
    std::string text;
  };
  std::vector<NotedFault> faults_;  // the latest, for `monitor faults`
};

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_STUB_H_
