// ptrace(2): whom, and which request. Linux: kernel/ptrace.c.

#include <algorithm>
#include <cstring>

#include "guest_mm/gup/access_remote_vm.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/ptrace/attach.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/ptrace/resume.h"
#include "plugin/linux/ptrace/syscall_info.h"
#include "plugin/linux/signal/mask.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// ptrace_freeze_traced(): while a request looks at a thread that stands, that
// does not go on, not even to die.
class Frozen {
 public:
  explicit Frozen(Task& task) : stop_(task.ptrace.stop) { stop_.frozen = true; }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;
  ~Frozen() {
    stop_.frozen = false;
    stop_.queue.WakeAll();
  }

 private:
  PtraceStopState& stop_;
};

// generic_ptrace_peekdata(): the word goes to call.data.
SyscallResult Peek(const PtraceCall& call) {
  const std::shared_ptr<mm::AddressSpace> mm = call.task.shared.mm;
  std::byte word[8];
  if (mm == nullptr ||
      mm::ReadRemoteVm(*mm, mm::GuestAddr(call.addr), word,
                       mm::RemoteRights::kIgnored) != sizeof word) {
    return Errno::kEIO;
  }
  uint64_t value;
  std::memcpy(&value, word, sizeof value);
  FL_TRY(call.tracer.user().Put(call.data, value));
  return 0;
}

SyscallResult Poke(const PtraceCall& call) {
  const std::shared_ptr<mm::AddressSpace> mm = call.task.shared.mm;
  std::byte word[8];
  std::memcpy(word, &call.data, sizeof word);
  const bool all = mm != nullptr &&
                   mm::WriteRemoteVm(*mm, mm::GuestAddr(call.addr), word,
                                     mm::RemoteRights::kIgnored) == sizeof word;
  return all ? SyscallResult(0) : Errno::kEIO;
}

SyscallResult SetOptions(const PtraceCall& call) {
  FL_TRY(CheckPtraceOptions(call.tracer, call.data));
  call.task.ptrace.options = uint32_t(call.data);
  return 0;
}

SyscallResult GetSigInfo(const PtraceCall& call) {
  if (call.task.ptrace.stop.info == nullptr) {
    return Errno::kEINVAL;
  }
  FL_TRY(call.tracer.user().Put(call.data, *call.task.ptrace.stop.info));
  return 0;
}

SyscallResult SetSigInfo(const PtraceCall& call) {
  FL_ASSIGN(const SigInfo info, call.tracer.user().Get<SigInfo>(call.data));
  if (call.task.ptrace.stop.info == nullptr) {
    return Errno::kEINVAL;
  }
  *call.task.ptrace.stop.info = info;
  return 0;
}

SyscallResult Sigmask(const PtraceCall& call) {
  TaskSignals& signals = call.task.signals;
  if (call.addr != sizeof(uint64_t)) {
    return Errno::kEINVAL;
  }
  if (call.request == kGetSigmask) {
    const SignalSet mask = signals.has_saved ? signals.saved : signals.blocked;
    FL_TRY(call.tracer.user().Put(call.data, mask.bits()));
    return 0;
  }
  FL_ASSIGN(const uint64_t bits, call.tracer.user().Get<uint64_t>(call.data));
  signals.has_saved = false;
  SetBlocked(call.task, SignalSet(bits));
  return 0;
}

// ptrace_regset(), behind a struct iovec of which the length is told back.
SyscallResult TransferRegset(const PtraceCall& call) {
  UserMemory user = call.tracer.user();
  FL_ASSIGN(const uint64_t base, user.Get<uint64_t>(call.data));
  FL_ASSIGN(const uint64_t length, user.Get<uint64_t>(call.data + 8));
  const auto sets = PtraceArch::Of(call.task.abi().arch()).regsets();
  const auto set = std::ranges::find(sets, call.addr, &Regset::type);
  if (set == sets.end() || length % set->unit != 0) {
    return Errno::kEINVAL;
  }
  const uint64_t bytes = std::min<uint64_t>(length, set->bytes);
  FL_TRY(call.request == kGetRegset ? GetRegset(call, *set, base, bytes)
                                    : SetRegset(call, *set, base, bytes));
  FL_TRY(user.Put(call.data + 8, bytes));
  return 0;
}

// ptrace_request() of a thread that stands.
SyscallResult Request(const PtraceCall& call) {
  switch (call.request) {
    case kPeekText:
    case kPeekData:
      return Peek(call);
    case kPokeText:
    case kPokeData:
      return Poke(call);
    case kCont:
    case kSyscall:
    case kSysemu:
    case kSingleStep:
    case kSysemuSingleStep:
      return PtraceResume(call);
    case kDetach:
      return PtraceDetach(call);
    case kListen:
      return PtraceListen(call.task);
    case kSetOptions:
    case 21:  // PTRACE_OLDSETOPTIONS
      return SetOptions(call);
    case kGetEventMsg:
      FL_TRY(call.tracer.user().Put(call.data, call.task.ptrace.stop.message));
      return 0;
    case kGetSigInfo:
      return GetSigInfo(call);
    case kSetSigInfo:
      return SetSigInfo(call);
    case kGetSigmask:
    case kSetSigmask:
      return Sigmask(call);
    case kGetRegset:
    case kSetRegset:
      return TransferRegset(call);
    case kGetSyscallInfo:
      return PtraceGetSyscallInfo(call);
    default:
      return PtraceArch::Of(call.task.abi().arch()).Request(call);
  }
}

// ptrace_check_attach(): the caller traces it, and it stands.
bool Stands(const Task& task) {
  return task.ptrace.stop.active && !task.jobctl.listening &&
         (task.ptrace.stop.dying || !task.FatalSignalPending());
}

}  // namespace

SyscallResult SysPtrace(Task& task, const SyscallArgs& args) {
  const int64_t request = args.I64(0);
  if (request == kTraceme) {
    return PtraceTraceme(task);
  }
  const std::shared_ptr<Task> other =
      task.kernel().processes().FindTask(args.Int(1));
  if (other == nullptr) {
    return Errno::kESRCH;
  }
  if (request == kAttach || request == kSeize) {
    return PtraceAttach(task, other,
                        request == kSeize ? Seize::kYes : Seize::kNo,
                        args.U64(2), args.U64(3));
  }
  if (other->ptrace.tracer != &task) {
    return Errno::kESRCH;
  }
  if (request == kKill) {
    (void)SendSignal(*other, SigInfo(kSigKill, kSiUser)).ok();
    return 0;
  }
  if (request == kInterrupt) {
    return PtraceInterrupt(*other);
  }
  if (!Stands(*other)) {
    return Errno::kESRCH;
  }
  const Frozen frozen(*other);
  return Request({.tracer = task,
                  .task = *other,
                  .request = request,
                  .addr = args.U64(2),
                  .data = args.U64(3)});
}

}  // namespace faultline::os
