#ifndef FAULTLINE_PLUGIN_GDB_SESSION_H_
#define FAULTLINE_PLUGIN_GDB_SESSION_H_

// What a debugger has asked for and been told: all that must survive when the
// machine goes back in time, for it is not of the machine.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::gdb {

// A thread as gdb names it: pPID.TID. 0: any; -1: all.
struct ThreadId {
  int64_t pid = 0, tid = 0;
  friend auto operator<=>(const ThreadId&, const ThreadId&) = default;
};

// The types of Z packets.
enum class PointType : uint8_t {
  kSoftware,
  kHardware,
  kWriteWatch,
  kReadWatch,
  kAccessWatch
};
struct Point {
  PointType type = PointType::kSoftware;
  int64_t pid = 0;
  uint64_t address = 0;
  uint64_t bytes = 0;  // of watchpoints
  friend auto operator<=>(const Point&, const Point&) = default;
  bool breaks() const { return type <= PointType::kHardware; }
};

// Where a run is; the same in every run of the same machine. `epoch` counts
// entries to user mode and the kernel's own stops; in user mode, block and
// address are CpuDebug's.
struct Position {
  uint64_t epoch = 0, block = 0, pc = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

// Something gdb has changed in the machine. Whoever runs to a place behind it
// has to change the same again.
struct Change {
  enum class Kind : uint8_t {
    kRegisters,  // bytes: of thread `tid`, as a g packet has them
    kMemory,     // bytes: at `address` of process `pid`
    kTags,       // the same; a byte each
    kSignal,     // of thread `tid`: `address` is delivered instead
    kSiginfo,    // bytes: of the signal at hand
    kInject,     // bytes: a rule
  };
  Position at{};
  Kind kind = Kind::kMemory;
  int64_t pid = 0, tid = 0;
  uint64_t address = 0;
  std::string bytes{};
};

struct Session {
  bool acknowledges = true;
  bool multiprocess = false;
  bool reports_forks = false, reports_vforks = false, reports_execs = false;
  bool reports_swbreak = false, reports_hwbreak = false;
  ThreadId general{}, stopped{};  // Hg; where the last stop was
  ThreadId control{};             // Hc: who steps back
  std::vector<Point> points;
  std::set<int64_t> attached;  // processes
  std::set<int> passed_signals;
  // What gdb has open by vFile, by descriptor; empty: nothing.
  std::vector<std::string> files;
  bool catches_syscalls = false;
  std::set<uint64_t> caught_syscalls;  // empty: all
  // `monitor stop`: names of schedule points, kinds of faults.
  std::set<std::string> stop_points, stop_faults;
  bool counts_points = false;   // some were asked for, ever
  std::vector<Change> changes;  // in order

  bool Catches(uint64_t syscall) const {
    return catches_syscalls &&
           (caught_syscalls.empty() || caught_syscalls.contains(syscall));
  }
};

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_SESSION_H_
