// utimensat, utimes, futimesat, utime. Linux: fs/utimes.c.

#include <optional>

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/fs/may_change.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

struct UserTime {
  int64_t sec, fraction;  // nanoseconds or microseconds
};
struct UserTimes {
  UserTime access, modify;
};

constexpr int64_t kUtimeNow = (1l << 30) - 1;
constexpr int64_t kUtimeOmit = (1l << 30) - 2;

// What is asked for; nothing: the present time for both.
using Times = std::optional<UserTimes>;

// do_utimes() and notify_change()'s permission rules.
SyscallResult SetTimes(Task& task, const Path& path, const Times& times) {
  const Caller caller = CallerOf(task);
  const Timestamp now = path.inode()->fs().clock().Now();
  AttrChange change;
  bool both_now = true;
  if (!times) {
    change.atime = change.mtime = now;
  } else {
    const auto pick = [&](const UserTime& t, std::optional<Timestamp>& out) {
      both_now = both_now && t.fraction == kUtimeNow;
      if (t.fraction == kUtimeNow) {
        out = now;
      } else if (t.fraction != kUtimeOmit) {
        out = Timestamp::FromTimespec(t.sec, t.fraction);
      }
    };
    pick(times->access, change.atime);
    pick(times->modify, change.mtime);
    if (!change.atime && !change.mtime) {
      return uint64_t{0};
    }
  }
  FL_TRY(MayWriteMount(path));
  if (!OwnerOrCapable(caller, *path.inode())) {
    // Anyone who may write may also set both to now.
    if (!both_now) {
      return Errno::kEPERM;
    }
    FL_TRY(path.inode()->Permission(caller, kMayWrite));
  }
  FL_TRY(path.inode()->SetAttr(change));
  return uint64_t{0};
}

// `max`: the first invalid fraction; kUtimeNow and kUtimeOmit are valid where
// `special` is.
enum class Special : uint8_t { kNo, kYes };
ErrnoOr<Times> GetTimes(Task& task, uint64_t user, int64_t max,
                        Special special) {
  if (user == 0) {
    return Times();
  }
  FL_ASSIGN(const UserTimes t, task.user().Get<UserTimes>(user));
  for (const UserTime& one : {t.access, t.modify}) {
    const bool named = special == Special::kYes && (one.fraction == kUtimeNow ||
                                                    one.fraction == kUtimeOmit);
    if (!named && (one.fraction < 0 || one.fraction >= max)) {
      return Errno::kEINVAL;
    }
  }
  return Times(t);
}

void MicroToNano(Times& times) {
  if (times) {
    times->access.fraction *= 1000;
    times->modify.fraction *= 1000;
  }
}

}  // namespace

SyscallResult SysUtimensat(Task& task, const SyscallArgs& args) {
  const int flags = args.Int(3);
  FL_ASSIGN(const Times times,
            GetTimes(task, args.Ptr(2), 1'000'000'000, Special::kYes));
  if ((flags & ~(kAtSymlinkNofollow | kAtEmptyPath)) != 0) {
    return Errno::kEINVAL;
  }
  if (args.Ptr(1) == 0 && args.Int(0) != kAtFdCwd) {  // futimens(3)
    FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
    return SetTimes(task, task.kernel().vfs().PathOfFile(file), times);
  }
  FL_ASSIGN(const Path path, LookupAt(task, args.Int(0), args.Ptr(1), flags));
  return SetTimes(task, path, times);
}

SyscallResult SysFutimesat(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(Times times, GetTimes(task, args.Ptr(2), 1'000'000, Special::kNo));
  MicroToNano(times);
  FL_ASSIGN(const Path path, LookupAt(task, args.Int(0), args.Ptr(1), 0));
  return SetTimes(task, path, times);
}

SyscallResult SysUtimes(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(Times times, GetTimes(task, args.Ptr(1), 1'000'000, Special::kNo));
  MicroToNano(times);
  FL_ASSIGN(const Path path, LookupAt(task, kAtFdCwd, args.Ptr(0), 0));
  return SetTimes(task, path, times);
}

SyscallResult SysUtime(Task& task, const SyscallArgs& args) {
  struct Utimbuf {
    int64_t access, modify;
  };
  Times times;
  if (args.Ptr(1) != 0) {
    FL_ASSIGN(const Utimbuf buf, task.user().Get<Utimbuf>(args.Ptr(1)));
    times = UserTimes{{buf.access, 0}, {buf.modify, 0}};
  }
  FL_ASSIGN(const Path path, LookupAt(task, kAtFdCwd, args.Ptr(0), 0));
  return SetTimes(task, path, times);
}

}  // namespace faultline::os
