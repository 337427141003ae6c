// Users and groups. Linux: kernel/sys.c, kernel/groups.c.

#include <algorithm>

#include "plugin/linux/task/calls.h"
#include "plugin/linux/task/exec.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint32_t kUnchanged = ~uint32_t{0};
constexpr int kCapSetgid = 6;
constexpr int kCapSetuid = 7;
constexpr int kMaxGroups = 65536;

// The four ids of one kind, so that users and groups share their rules.
struct Ids {
  uint32_t* real;
  uint32_t* effective;
  uint32_t* saved;
  uint32_t* fs;
  bool privileged;

  bool Has(uint32_t id) const {
    return id == *real || id == *effective || id == *saved;
  }
};

Ids UserIds(Credentials& c) {
  return {&c.uid, &c.euid, &c.suid, &c.fsuid, c.HasCap(kCapSetuid)};
}
Ids GroupIds(Credentials& c) {
  return {&c.gid, &c.egid, &c.sgid, &c.fsgid, c.HasCap(kCapSetgid)};
}

// cap_emulate_setxuid(): losing the last root id loses the capabilities.
void FixCaps(Credentials& now, const Credentials& before) {
  const auto any_root = [](const Credentials& c) {
    return c.uid == 0 || c.euid == 0 || c.suid == 0;
  };
  if (any_root(before) && !any_root(now)) {
    now.cap_effective = 0;
    if (!now.keep_caps) {
      now.cap_permitted = 0;
    }
  }
  if (before.euid == 0 && now.euid != 0) {
    now.cap_effective = 0;
  }
  if (before.euid != 0 && now.euid == 0) {
    now.cap_effective = now.cap_permitted;
  }
}

template <typename Change>
SyscallResult Apply(Task& task, Change change) {
  const Credentials before = task.cred();
  const ErrnoOr<Done> r = change(task.cred());
  if (!r.ok()) {
    task.cred() = before;
    return r.error();
  }
  FixCaps(task.cred(), before);
  task.mm().limits = MmLimitsOf(task.process(), task.cred());
  return 0;
}

ErrnoOr<Done> SetId(Ids ids, uint32_t id) {
  if (id == kUnchanged) {
    return Errno::kEINVAL;
  }
  if (ids.privileged) {
    *ids.real = *ids.saved = id;
  } else if (id != *ids.real && id != *ids.saved) {
    return Errno::kEPERM;
  }
  *ids.effective = *ids.fs = id;
  return kDone;
}

ErrnoOr<Done> SetReId(Ids ids, uint32_t real, uint32_t effective) {
  const uint32_t old_real = *ids.real;
  if (real != kUnchanged) {
    if (!ids.privileged && real != old_real && real != *ids.effective) {
      return Errno::kEPERM;
    }
    *ids.real = real;
  }
  if (effective != kUnchanged) {
    if (!ids.privileged && effective != old_real &&
        effective != *ids.effective && effective != *ids.saved) {
      return Errno::kEPERM;
    }
    *ids.effective = effective;
  }
  if (real != kUnchanged ||
      (effective != kUnchanged && effective != old_real)) {
    *ids.saved = *ids.effective;
  }
  *ids.fs = *ids.effective;
  return kDone;
}

ErrnoOr<Done> SetResId(Ids ids, uint32_t real, uint32_t effective,
                       uint32_t saved) {
  for (uint32_t id : {real, effective, saved}) {
    if (id != kUnchanged && !ids.privileged && !ids.Has(id)) {
      return Errno::kEPERM;
    }
  }
  *ids.real = real == kUnchanged ? *ids.real : real;
  *ids.effective = effective == kUnchanged ? *ids.effective : effective;
  *ids.saved = saved == kUnchanged ? *ids.saved : saved;
  *ids.fs = *ids.effective;
  return kDone;
}

SyscallResult PutThree(Task& task, const SyscallArgs& args, Ids ids) {
  FL_TRY(task.user().Put(args.Ptr(0), *ids.real));
  FL_TRY(task.user().Put(args.Ptr(1), *ids.effective));
  FL_TRY(task.user().Put(args.Ptr(2), *ids.saved));
  return 0;
}

// Never fails: answers the old id, changed or not.
SyscallResult SetFsId(Ids ids, uint32_t id) {
  const uint32_t old = *ids.fs;
  if (id != kUnchanged && (ids.privileged || ids.Has(id) || id == old)) {
    *ids.fs = id;
  }
  return uint64_t{old};
}

}  // namespace

SyscallResult SysGetuid(Task& task, const SyscallArgs&) {
  return uint64_t{task.cred().uid};
}
SyscallResult SysGeteuid(Task& task, const SyscallArgs&) {
  return uint64_t{task.cred().euid};
}
SyscallResult SysGetgid(Task& task, const SyscallArgs&) {
  return uint64_t{task.cred().gid};
}
SyscallResult SysGetegid(Task& task, const SyscallArgs&) {
  return uint64_t{task.cred().egid};
}

SyscallResult SysSetuid(Task& task, const SyscallArgs& args) {
  return Apply(task,
               [&](Credentials& c) { return SetId(UserIds(c), args.Uint(0)); });
}
SyscallResult SysSetgid(Task& task, const SyscallArgs& args) {
  return Apply(
      task, [&](Credentials& c) { return SetId(GroupIds(c), args.Uint(0)); });
}
SyscallResult SysSetreuid(Task& task, const SyscallArgs& args) {
  return Apply(task, [&](Credentials& c) {
    return SetReId(UserIds(c), args.Uint(0), args.Uint(1));
  });
}
SyscallResult SysSetregid(Task& task, const SyscallArgs& args) {
  return Apply(task, [&](Credentials& c) {
    return SetReId(GroupIds(c), args.Uint(0), args.Uint(1));
  });
}
SyscallResult SysSetresuid(Task& task, const SyscallArgs& args) {
  return Apply(task, [&](Credentials& c) {
    return SetResId(UserIds(c), args.Uint(0), args.Uint(1), args.Uint(2));
  });
}
SyscallResult SysSetresgid(Task& task, const SyscallArgs& args) {
  return Apply(task, [&](Credentials& c) {
    return SetResId(GroupIds(c), args.Uint(0), args.Uint(1), args.Uint(2));
  });
}
SyscallResult SysGetresuid(Task& task, const SyscallArgs& args) {
  return PutThree(task, args, UserIds(task.cred()));
}
SyscallResult SysGetresgid(Task& task, const SyscallArgs& args) {
  return PutThree(task, args, GroupIds(task.cred()));
}
SyscallResult SysSetfsuid(Task& task, const SyscallArgs& args) {
  return SetFsId(UserIds(task.cred()), args.Uint(0));
}
SyscallResult SysSetfsgid(Task& task, const SyscallArgs& args) {
  return SetFsId(GroupIds(task.cred()), args.Uint(0));
}

SyscallResult SysGetgroups(Task& task, const SyscallArgs& args) {
  const std::vector<uint32_t>& groups = task.cred().groups;
  const int room = args.Int(0);
  if (room < 0) {
    return Errno::kEINVAL;
  }
  if (room != 0) {
    if (size_t(room) < groups.size()) {
      return Errno::kEINVAL;
    }
    if (task.user().CopyTo(
            args.Ptr(1), absl::MakeConstSpan(
                             reinterpret_cast<const std::byte*>(groups.data()),
                             groups.size() * sizeof(uint32_t))) != 0) {
      return Errno::kEFAULT;
    }
  }
  return uint64_t(groups.size());
}

SyscallResult SysSetgroups(Task& task, const SyscallArgs& args) {
  if (!task.cred().HasCap(kCapSetgid)) {
    return Errno::kEPERM;
  }
  if (args.Uint(0) > kMaxGroups) {
    return Errno::kEINVAL;
  }
  std::vector<uint32_t> groups(args.Uint(0));
  if (task.user().CopyFrom(
          absl::MakeSpan(reinterpret_cast<std::byte*>(groups.data()),
                         groups.size() * sizeof(uint32_t)),
          args.Ptr(1)) != 0) {
    return Errno::kEFAULT;
  }
  std::sort(groups.begin(), groups.end());
  task.cred().groups = std::move(groups);
  return 0;
}

}  // namespace faultline::os
