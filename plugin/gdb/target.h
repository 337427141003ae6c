#ifndef FAULTLINE_PLUGIN_GDB_TARGET_H_
#define FAULTLINE_PLUGIN_GDB_TARGET_H_

// Target: what the protocol is about: a machine that stands. The server
// (server.h) turns packets into these calls, and knows nothing of machines.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/engine/registers.h"
#include "plugin/gdb/session.h"

namespace faultline::gdb {

// Why the machine stands.
struct Stop {
  enum class Kind : uint8_t {
    kSignal,      // `value`: its number, Linux's
    kBreakpoint,  // of either kind: `point`
    kStep,
    kWatch,  // `value`: the byte; `point`
    kFork,
    kVfork,
    kVforkDone,
    kExec,  // `text`: the file
    kSyscallEnter,
    kSyscallReturn,  // `value`: the call's number
    kExited,         // a process: `value` is its status
    kKilled,         // a process: `value` is the signal
    kNamed,          // what `monitor stop` asked for: `text`
    kInterrupted,    // gdb has asked for it
    kHistoryBegin,   // of the way back: the run's start
    kNothing,        // that anybody is told of
  };
  Kind kind = Kind::kSignal;
  ThreadId thread{};
  uint64_t value = 0;
  PointType point = PointType::kSoftware;
  ThreadId child{};  // kFork, kVfork
  std::string text{};
};

// How it is to go on. The first action whose threads include a thread is its.
struct Resume {
  struct Action {
    ThreadId threads{-1, -1};
    bool step = false;
    int signal = 0;  // Linux's; 0: none
    // A step goes on while the program counter is in here.
    uint64_t range_start = 0, range_end = 0;
  };
  enum class Kind : uint8_t {
    kForward,
    kBackStep,
    kBackContinue,
    kKill,
    kLeave
  };
  Kind kind = Kind::kForward;
  std::vector<Action> actions{};
};

class Target {
 public:
  virtual ~Target() = default;
  virtual engine::Arch arch() const = 0;

  // Of processes that gdb is attached to, by process and thread.
  virtual std::vector<ThreadId> Threads() = 0;
  virtual std::string ThreadName(ThreadId thread) = 0;
  // As a g packet has them. Nothing: there is no such thread.
  virtual std::optional<std::string> Registers(ThreadId thread) = 0;
  // False: no such thread, too few bytes, or values it cannot have.
  virtual bool SetRegisters(ThreadId thread, std::string_view bytes) = 0;
  // As far as it can be read, without the guest's noticing.
  virtual std::string Memory(int64_t pid, uint64_t address, uint64_t bytes) = 0;
  virtual bool SetMemory(int64_t pid, uint64_t address,
                         std::string_view bytes) = 0;
  // arm64: the tags of the granules that the range touches, a byte each.
  // Nothing: some have none.
  virtual std::optional<std::string> Tags(int64_t pid, uint64_t address,
                                          uint64_t bytes) = 0;
  virtual bool SetTags(int64_t pid, uint64_t address,
                       std::string_view tags) = 0;
  virtual std::optional<std::string> Auxv(int64_t pid) = 0;
  virtual std::string ExecFile(int64_t pid) = 0;
  // Of the signal that the thread stands at.
  virtual std::optional<std::string> Siginfo() = 0;
  virtual bool SetSiginfo(std::string_view bytes) = 0;
  // A file as the guest sees it.
  virtual std::optional<std::string> File(const std::string& path) = 0;
  // False: it cannot be set.
  virtual bool SetPoints() = 0;
  virtual void Detach(int64_t pid) = 0;
  // A line that the user typed; the answer's text.
  virtual std::string Monitor(const std::string& command) = 0;
};

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_TARGET_H_
