// prctl(2), arch_prctl(2), personality(2). Linux: kernel/sys.c,
// arch/x86/kernel/process_64.c.

#include <cstring>

#include "plugin/linux/abi.h"
#include "plugin/linux/abi_arm64_mte.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/calls.h"
#include "plugin/linux/task/prctl_vma.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

// include/uapi/linux/prctl.h.
enum PrctlOption : int {
  kSetPdeathsig = 1,
  kGetPdeathsig = 2,
  kGetDumpable = 3,
  kSetDumpable = 4,
  kGetKeepcaps = 7,
  kSetKeepcaps = 8,
  kSetName = 15,
  kGetName = 16,
  kGetSeccomp = 21,
  kCapbsetRead = 23,
  kCapbsetDrop = 24,
  kSetTimerslack = 29,
  kGetTimerslack = 30,
  kMceKill = 33,
  kMceKillGet = 34,
  kSetChildSubreaper = 36,
  kGetChildSubreaper = 37,
  kSetNoNewPrivs = 38,
  kGetNoNewPrivs = 39,
  kGetTidAddress = 40,
  kSetThpDisable = 41,
  kGetThpDisable = 42,
  kCapAmbient = 47,
  kGetSpeculationCtrl = 52,
  kSetTaggedAddrCtrl = 55,
  kGetTaggedAddrCtrl = 56,
  kSetIoFlusher = 57,
  kGetIoFlusher = 58,
  kSetVma = 0x53564d41,
};

constexpr int kCapLast = 40;
constexpr uint64_t kDefaultSlackNs = 50'000;

bool AllZero(const SyscallArgs& args, int from) {
  for (int i = from; i < 5; ++i) {
    if (args.U64(i) != 0) {
      return false;
    }
  }
  return true;
}

SyscallResult SetName(Task& task, uint64_t user) {
  char name[16] = {};
  for (size_t i = 0; i < sizeof name - 1; ++i) {
    FL_ASSIGN(name[i], task.user().Get<char>(user + i));
    if (name[i] == '\0') {
      break;
    }
  }
  task.comm = name;
  return 0;
}

SyscallResult GetName(Task& task, uint64_t user) {
  char name[16] = {};
  std::memcpy(name, task.comm.data(), std::min(task.comm.size(), size_t{15}));
  FL_TRY(task.user().Put(user, name));
  return 0;
}

SyscallResult PutInt(Task& task, uint64_t user, int value) {
  FL_TRY(task.user().Put(user, int32_t(value)));
  return 0;
}

// arm64: the untagged-address and MTE controls of a task.
SyscallResult TaggedAddrControl(Task& task, int option,
                                const SyscallArgs& args) {
  if (task.abi().arch() != engine::Arch::kArm64 || !AllZero(args, 2)) {
    return Errno::kEINVAL;
  }
  if (option == kGetTaggedAddrCtrl) {
    return args.U64(1) != 0 ? SyscallResult(Errno::kEINVAL)
                            : task.tagged_addr_ctrl;
  }
  if ((args.U64(1) & ~kTaggedAddrCtrlBits) != 0) {
    return Errno::kEINVAL;
  }
  SetTaggedAddrCtrl(task, args.U64(1));
  return 0;
}

SyscallResult Dumpable(Process& process, int option, const SyscallArgs& args) {
  if (option == kGetDumpable) {
    return uint64_t(process.dumpable);
  }
  if (args.U64(1) > 1) {
    return Errno::kEINVAL;
  }
  process.dumpable = int(args.U64(1));
  return 0;
}

SyscallResult ThpDisable(mm::AddressSpace& mm, int option,
                         const SyscallArgs& args) {
  if (option == kGetThpDisable) {
    return AllZero(args, 1) ? SyscallResult(uint64_t{mm.thp_disabled})
                            : Errno::kEINVAL;
  }
  if (!AllZero(args, 2)) {
    return Errno::kEINVAL;
  }
  mm.thp_disabled = args.U64(1) != 0;
  return 0;
}

SyscallResult NoNewPrivs(Task& task, int option, const SyscallArgs& args) {
  if (option == kGetNoNewPrivs) {
    return AllZero(args, 1) ? SyscallResult(uint64_t{task.no_new_privs})
                            : Errno::kEINVAL;
  }
  if (args.U64(1) != 1 || !AllZero(args, 2)) {
    return Errno::kEINVAL;
  }
  task.no_new_privs = true;
  return 0;
}

SyscallResult SetMceKill(Task& task, const SyscallArgs& args) {
  constexpr uint64_t kClear = 0, kSet = 1;
  if (!AllZero(args, 3)) {
    return Errno::kEINVAL;
  }
  if (args.U64(1) == kClear && args.U64(2) == 0) {
    task.mce_kill = MceKill::kDefault;
    return 0;
  }
  if (args.U64(1) != kSet || args.U64(2) > uint64_t(MceKill::kDefault)) {
    return Errno::kEINVAL;
  }
  task.mce_kill = MceKill(args.U64(2));
  return 0;
}

SyscallResult DeathSignal(Task& task, int option, const SyscallArgs& args) {
  if (option == kGetPdeathsig) {
    return PutInt(task, args.Ptr(1), task.parent_death_signal);
  }
  if (args.U64(1) > kSigMax) {
    return Errno::kEINVAL;
  }
  task.parent_death_signal = int(args.U64(1));
  return 0;
}

}  // namespace

SyscallResult SysPrctl(Task& task, const SyscallArgs& args) {
  Process& process = task.process();
  const int option = args.Int(0);
  switch (option) {
    case kSetPdeathsig:
    case kGetPdeathsig:
      return DeathSignal(task, option, args);
    case kGetDumpable:
    case kSetDumpable:
      return Dumpable(process, option, args);
    case kGetKeepcaps:
      return task.cred().keep_caps ? 1 : 0;
    case kGetSeccomp:
    case kGetIoFlusher:
      return 0;
    case kSetKeepcaps:
      if (args.U64(1) > 1) {
        return Errno::kEINVAL;
      }
      task.cred().keep_caps = args.U64(1) == 1;
      return 0;
    case kSetName:
      return SetName(task, args.Ptr(1));
    case kGetName:
      return GetName(task, args.Ptr(1));
    case kCapbsetRead:
      return args.U64(1) > kCapLast ? SyscallResult(Errno::kEINVAL)
                                    : uint64_t{1};
    case kCapbsetDrop:
      return args.U64(1) > kCapLast ? SyscallResult(Errno::kEINVAL) : 0;
    case kSetTimerslack:
      task.timer_slack_ns = args.I64(1) <= 0 ? kDefaultSlackNs : args.U64(1);
      return 0;
    case kGetTimerslack:
      return task.timer_slack_ns;
    case kMceKill:
      return SetMceKill(task, args);
    case kMceKillGet:
      return AllZero(args, 1) ? SyscallResult(uint64_t(task.mce_kill))
                              : Errno::kEINVAL;
    case kSetChildSubreaper:
      process.child_subreaper = args.U64(1) != 0;
      return 0;
    case kGetChildSubreaper:
      return PutInt(task, args.Ptr(1), process.child_subreaper ? 1 : 0);
    case kSetNoNewPrivs:
    case kGetNoNewPrivs:
      return NoNewPrivs(task, option, args);
    case kGetTidAddress:
      FL_TRY(task.user().Put(args.Ptr(1), task.clear_child_tid));
      return 0;
    case kSetThpDisable:
    case kGetThpDisable:
      return ThpDisable(task.mm(), option, args);
    case kSetTaggedAddrCtrl:
    case kGetTaggedAddrCtrl:
      return TaggedAddrControl(task, option, args);
    case kSetVma:
      return PrctlSetVma(task, args);
    default:
      return Errno::kEINVAL;
  }
}

SyscallResult SysArchPrctl(Task& task, const SyscallArgs& args) {
  enum : int {
    kSetGs = 0x1001,
    kSetFs = 0x1002,
    kGetFs = 0x1003,
    kGetGs = 0x1004
  };
  const int option = args.Int(0);
  const uint64_t value = args.U64(1);
  engine::Cpu& cpu = task.kernel().cpu();
  const uint64_t limit =
      task.kernel().memory().arch().layout().user_end.value();
  if ((option == kSetFs || option == kSetGs) && value >= limit) {
    return Errno::kEPERM;
  }
  LoadTask(task);
  switch (option) {
    case kSetFs:
      cpu.set_thread_pointer(value);
      return 0;
    case kGetFs:
      FL_TRY(task.user().Put(value, cpu.thread_pointer()));
      return 0;
    case kSetGs: {
      engine::RegisterFile regs = cpu.ReadRegisters();
      std::get<x86::Registers>(regs).gs_base = value;
      cpu.WriteRegisters(regs);
      return 0;
    }
    case kGetGs: {
      const engine::RegisterFile regs = cpu.ReadRegisters();
      FL_TRY(task.user().Put(value, std::get<x86::Registers>(regs).gs_base));
      return 0;
    }
    default:
      return Errno::kEINVAL;
  }
}

SyscallResult SysPersonality(Task& task, const SyscallArgs& args) {
  const uint32_t old = task.personality;
  if (args.Uint(0) != 0xffffffff) {
    task.personality = args.Uint(0);
  }
  return uint64_t{old};
}

}  // namespace faultline::os
