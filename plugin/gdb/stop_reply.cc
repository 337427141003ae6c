#include "plugin/gdb/stop_reply.h"

#include "absl/strings/str_format.h"
#include "plugin/gdb/gdb_signal.h"
#include "plugin/gdb/hex.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::gdb {
namespace {

std::string WatchName(PointType type) {
  switch (type) {
    case PointType::kReadWatch:
      return "rwatch";
    case PointType::kAccessWatch:
      return "awatch";
    default:
      return "watch";
  }
}

// What is special about a stop by SIGTRAP.
std::string Reason(const Session& session, const Stop& stop) {
  switch (stop.kind) {
    case Stop::Kind::kBreakpoint:
      if (stop.point == PointType::kHardware) {
        return session.reports_hwbreak ? "hwbreak:;" : "";
      }
      return session.reports_swbreak ? "swbreak:;" : "";
    case Stop::Kind::kWatch:
      return absl::StrFormat("%s:%x;", WatchName(stop.point), stop.value);
    case Stop::Kind::kFork:
      return "fork:" + ThreadText(session, stop.child) + ";";
    case Stop::Kind::kVfork:
      return "vfork:" + ThreadText(session, stop.child) + ";";
    case Stop::Kind::kVforkDone:
      return "vforkdone:;";
    case Stop::Kind::kExec:
      return "exec:" + ToHex(stop.text) + ";";
    case Stop::Kind::kSyscallEnter:
      return absl::StrFormat("syscall_entry:%x;", stop.value);
    case Stop::Kind::kSyscallReturn:
      return absl::StrFormat("syscall_return:%x;", stop.value);
    case Stop::Kind::kHistoryBegin:
      return "replaylog:begin;";
    default:
      return "";
  }
}

int SignalOf(const Stop& stop) {
  switch (stop.kind) {
    case Stop::Kind::kSignal:
      return int(stop.value);
    case Stop::Kind::kInterrupted:
      return os::kSigInt;
    default:
      return os::kSigTrap;
  }
}

}  // namespace

std::string ThreadText(const Session& session, ThreadId thread) {
  return session.multiprocess
             ? absl::StrFormat("p%x.%x", thread.pid, thread.tid)
             : absl::StrFormat("%x", thread.tid);
}

std::string StopReply(const Session& session, const Stop& stop) {
  const bool exited = stop.kind == Stop::Kind::kExited;
  if (exited || stop.kind == Stop::Kind::kKilled) {
    const int value = exited ? int(stop.value) : ToGdbSignal(int(stop.value));
    std::string reply = absl::StrFormat("%c%02x", exited ? 'W' : 'X', value);
    if (session.multiprocess) {
      absl::StrAppendFormat(&reply, ";process:%x", stop.thread.pid);
    }
    return reply;
  }
  return absl::StrFormat("T%02xthread:%s;%s", ToGdbSignal(SignalOf(stop)),
                         ThreadText(session, stop.thread),
                         Reason(session, stop));
}

}  // namespace faultline::gdb
