#include "plugin/linux/system/calls.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "guest_mm/mm/limits.h"
#include "guest_mm/phys/phys_mem.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr size_t kNameBytes = 65;

struct Utsname {
  char sysname[kNameBytes], nodename[kNameBytes], release[kNameBytes],
      version[kNameBytes], machine[kNameBytes], domainname[kNameBytes];
};

struct Sysinfo {
  int64_t uptime;
  uint64_t loads[3];
  uint64_t total_ram, free_ram, shared_ram, buffer_ram, total_swap, free_swap;
  uint16_t procs, pad;
  uint64_t total_high, free_high;
  uint32_t mem_unit;
};
static_assert(sizeof(Sysinfo) == 112);

void Copy(char (&to)[kNameBytes], std::string_view from) {
  std::memcpy(to, from.data(), std::min(from.size(), kNameBytes - 1));
}

ErrnoOr<std::string> GetName(Task& task, const SyscallArgs& args) {
  if (!task.cred().HasCap(kCapSysAdmin)) {
    return Errno::kEPERM;
  }
  const int n = args.Int(1);
  if (n < 0 || size_t(n) > kNameBytes - 1) {
    return Errno::kEINVAL;
  }
  std::string name(size_t(n), '\0');
  if (task.user().CopyFrom(
          absl::MakeSpan(reinterpret_cast<std::byte*>(name.data()),
                         name.size()),
          args.Ptr(0)) != 0) {
    return Errno::kEFAULT;
  }
  return name;
}

}  // namespace

std::string KernelRelease(Kernel& kernel) {
  return mm::ToString(kernel.memory().behaviours().version()) + ".0-faultline";
}

SyscallResult SysUname(Task& task, const SyscallArgs& args) {
  Utsname u{};
  Copy(u.sysname, "Linux");
  Copy(u.nodename, task.kernel().hostname);
  Copy(u.release, KernelRelease(task.kernel()));
  Copy(u.version, kKernelVersion);
  Copy(u.machine, task.abi().identity().platform);
  Copy(u.domainname, task.kernel().domainname);
  FL_TRY(task.user().Put(args.Ptr(0), u));
  return 0;
}

SyscallResult SysSysinfo(Task& task, const SyscallArgs& args) {
  Kernel& kernel = task.kernel();
  const mm::PhysMem& phys = kernel.memory().phys();
  Sysinfo s{};
  s.uptime = int64_t(kernel.now().ns() / kNsPerSec);
  s.total_ram = mm::TotalRam(kernel.memory()).in_bytes(phys.page_shift());
  s.free_ram = phys.free().in_bytes(phys.page_shift());
  s.total_swap = kernel.memory().swap().total().in_bytes(phys.page_shift());
  s.free_swap = kernel.memory().swap().free().in_bytes(phys.page_shift());
  s.procs = uint16_t(kernel.processes().tasks().size());
  s.mem_unit = 1;
  FL_TRY(task.user().Put(args.Ptr(0), s));
  return 0;
}

SyscallResult SysGetcpu(Task& task, const SyscallArgs& args) {
  for (int i : {0, 1}) {
    if (args.Ptr(i) != 0) {
      FL_TRY(task.user().Put(args.Ptr(i), uint32_t{0}));
    }
  }
  return 0;
}

SyscallResult SysGetrandom(Task& task, const SyscallArgs& args) {
  constexpr unsigned kNonblock = 1, kRandom = 2, kInsecure = 4;
  constexpr uint64_t kMax = 0x7ffff000;
  const unsigned flags = args.Uint(2);
  if ((flags & ~(kNonblock | kRandom | kInsecure)) != 0 ||
      (flags & (kRandom | kInsecure)) == (kRandom | kInsecure)) {
    return Errno::kEINVAL;
  }
  const uint64_t length = std::min(args.U64(1), kMax);
  std::array<std::byte, 4096> chunk;
  uint64_t done = 0;
  while (done < length) {
    const size_t n = size_t(std::min<uint64_t>(length - done, chunk.size()));
    task.kernel().FillRandom(absl::MakeSpan(chunk).subspan(0, n));
    const size_t left = task.user().CopyTo(
        args.Ptr(0) + done, absl::MakeConstSpan(chunk).subspan(0, n));
    done += n - left;
    if (left != 0) {
      return done != 0 ? SyscallResult(done) : Errno::kEFAULT;
    }
  }
  return done;
}

SyscallResult SysMembarrier(Task& task, const SyscallArgs& args) {
  // Tasks switch at schedule points only, so every barrier holds by itself.
  enum : int {
    kQuery = 0,
    kGlobal = 1,
    kGlobalExpedited = 2,
    kRegisterGlobalExpedited = 4,
    kPrivateExpedited = 8,
    kRegisterPrivateExpedited = 16,
    kPrivateSyncCore = 32,
    kRegisterPrivateSyncCore = 64,
    kPrivateRseq = 128,
    kRegisterPrivateRseq = 256,
    kGetRegistrations = 512
  };
  constexpr int kAll = 1023;
  const int command = args.Int(0);
  const unsigned flags = args.Uint(1);
  constexpr unsigned kFlagCpu = 1;
  if (flags != 0 && !(command == kPrivateRseq && flags == kFlagCpu)) {
    return Errno::kEINVAL;
  }
  int& registered = task.process().membarrier_registered;
  switch (command) {
    case kQuery:
      return uint64_t{kAll};
    case kGlobal:
    case kGlobalExpedited:
      return 0;
    case kRegisterGlobalExpedited:
    case kRegisterPrivateExpedited:
    case kRegisterPrivateSyncCore:
    case kRegisterPrivateRseq:
      registered |= command;
      return 0;
    case kPrivateExpedited:
    case kPrivateSyncCore:
    case kPrivateRseq:
      // Each needs its registration, the next bit up.
      return (registered & command << 1) != 0 ? SyscallResult(0)
                                              : Errno::kEPERM;
    case kGetRegistrations:
      return uint64_t(registered);
    default:
      return Errno::kEINVAL;
  }
}

SyscallResult SysSethostname(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(task.kernel().hostname, GetName(task, args));
  return 0;
}

SyscallResult SysSetdomainname(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(task.kernel().domainname, GetName(task, args));
  return 0;
}

}  // namespace faultline::os
