#include "plugin/linux/task/wait.h"

#include <optional>

#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/task/exit.h"
#include "plugin/linux/task/pidfd.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/rusage.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr int kWnohang = 1;
constexpr int kWuntraced = 2;  // WSTOPPED
constexpr int kWexited = 4;
constexpr int kWcontinued = 8;
constexpr int kWnowait = 0x01000000;
constexpr int kWnothread = 0x20000000;
constexpr int kWall = 0x40000000;
constexpr int kWclone = int(0x80000000u);

enum class IdType { kAll = 0, kPid = 1, kPgid = 2, kPidfd = 3 };

struct WaitFor {
  IdType type = IdType::kAll;
  int id = 0;
  int options = 0;
};

struct Found {
  int pid = 0;
  int status = 0;       // as wait4 reports it
  int code = 0;         // CLD_*
  int info_status = 0;  // si_status
  uint32_t uid = 0;
  Rusage usage;
};

bool Matches(const Process& child, const WaitFor& w) {
  switch (w.type) {
    case IdType::kPid:
    case IdType::kPidfd:
      if (child.pid() != w.id) {
        return false;
      }
      break;
    case IdType::kPgid:
      if (child.pgid != w.id) {
        return false;
      }
      break;
    case IdType::kAll:
      break;
  }
  if ((w.options & kWall) != 0) {
    return true;
  }
  const bool is_clone = child.exit_signal != kSigChld;
  return is_clone == ((w.options & kWclone) != 0);
}

Found Describe(Process& child, int status, int code, int info_status) {
  Found f;
  f.pid = child.pid();
  f.status = status;
  f.code = code;
  f.info_status = info_status;
  f.uid = child.leader() != nullptr ? child.leader()->cred().uid : 0;
  f.usage = RusageOf(child, RusageScope::kBoth);
  return f;
}

// What `child` has to report, if anything; taken unless WNOWAIT.
std::optional<Found> Look(Process& child, const WaitFor& w) {
  const bool keep = (w.options & kWnowait) != 0;
  if (child.zombie() && (w.options & kWexited) != 0) {
    const int code = child.exit_code;
    const bool killed = (code & 0x7f) != 0;
    Found f = Describe(child, code, killed ? kCldKilled : kCldExited,
                       killed ? code & 0x7f : code >> 8 & 0xff);
    if (!keep) {
      Reap(child);
    }
    return f;
  }
  if (child.stop_signal != 0 && child.stop_reported &&
      (w.options & kWuntraced) != 0) {
    const int signo = child.stop_signal;
    if (!keep) {
      child.stop_signal = 0;
    }
    return Describe(child, signo << 8 | 0x7f, kCldStopped, signo);
  }
  if (child.continued && (w.options & kWcontinued) != 0) {
    child.continued = keep;
    return Describe(child, 0xffff, kCldContinued, kSigCont);
  }
  return std::nullopt;
}

// kECHILD; kERESTARTSYS; nothing with WNOHANG.
ErrnoOr<std::optional<Found>> Wait(Task& task, const WaitFor& w) {
  Process& process = task.process();
  for (;;) {
    bool any = false;
    for (Process* child : process.children) {
      if (!Matches(*child, w)) {
        continue;
      }
      any = true;
      if (auto found = Look(*child, w)) {
        return found;
      }
    }
    if (!any) {
      return Errno::kECHILD;
    }
    if ((w.options & kWnohang) != 0) {
      return std::optional<Found>();
    }
    const mm::WaitResult r = task.kernel().scheduler().Wait(
        process.wait_children, mm::Interruptible::kYes);
    if (r == mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTSYS;
    }
  }
}

ErrnoOr<WaitFor> DecodeId(Task& task, int type, int id, int options) {
  WaitFor w{IdType(type), id, options};
  switch (w.type) {
    case IdType::kAll:
      return w;
    case IdType::kPid:
      return id <= 0 ? ErrnoOr<WaitFor>(Errno::kEINVAL) : w;
    case IdType::kPgid:
      if (id < 0) {
        return Errno::kEINVAL;
      }
      w.id = id == 0 ? task.process().pgid : id;
      return w;
    case IdType::kPidfd: {
      if (id < 0) {
        return Errno::kEINVAL;
      }
      FL_ASSIGN(const auto pidfd, GetPidfd(task, id));
      w.id = pidfd->process().pid();
      return w;
    }
  }
  return Errno::kEINVAL;
}

}  // namespace

SyscallResult SysWait4(Task& task, const SyscallArgs& args) {
  const int pid = args.Int(0);
  const int options = args.Int(2);
  if ((options & ~(kWnohang | kWuntraced | kWcontinued | kWnothread | kWclone |
                   kWall)) != 0) {
    return Errno::kEINVAL;
  }
  if (pid == -2147483647 - 1) {
    return Errno::kESRCH;
  }
  WaitFor w;
  w.options = options | kWexited;
  if (pid < -1 || pid == 0) {
    w.type = IdType::kPgid;
    w.id = pid == 0 ? task.process().pgid : -pid;
  } else if (pid > 0) {
    w.type = IdType::kPid;
    w.id = pid;
  }
  FL_ASSIGN(const std::optional<Found> found, Wait(task, w));
  if (!found.has_value()) {
    return 0;
  }
  if (args.Ptr(1) != 0) {
    FL_TRY(task.user().Put(args.Ptr(1), int32_t(found->status)));
  }
  if (args.Ptr(3) != 0) {
    FL_TRY(task.user().Put(args.Ptr(3), found->usage));
  }
  return uint64_t(found->pid);
}

SyscallResult SysWaitid(Task& task, const SyscallArgs& args) {
  const int options = args.Int(3);
  if ((options & ~(kWnohang | kWnowait | kWexited | kWuntraced | kWcontinued |
                   kWnothread | kWclone | kWall)) != 0 ||
      (options & (kWexited | kWuntraced | kWcontinued)) == 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const WaitFor w, DecodeId(task, args.Int(0), args.Int(1), options));
  FL_ASSIGN(const std::optional<Found> found, Wait(task, w));
  if (found.has_value() && args.Ptr(4) != 0) {
    FL_TRY(task.user().Put(args.Ptr(4), found->usage));
  }
  if (args.Ptr(2) != 0) {
    SigInfo info;
    if (found.has_value()) {
      info = SigInfo(kSigChld, found->code);
      info.child.pid = found->pid;
      info.child.uid = found->uid;
      info.child.status = found->info_status;
    }
    // Linux writes the fields one by one; those behind si_status stay.
    const size_t head = offsetof(SigInfo, child) + 12;
    if (task.user().CopyTo(
            args.Ptr(2),
            absl::MakeConstSpan(reinterpret_cast<const std::byte*>(&info),
                                head)) != 0) {
      return Errno::kEFAULT;
    }
  }
  return 0;
}

}  // namespace faultline::os
