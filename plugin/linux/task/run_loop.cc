#include "plugin/linux/task/run_loop.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "guest_mm/fault/handle_page_fault.h"
#include "guest_mm/reclaim/reclaim.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/debugger.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/signal/deliver.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/syscall/dispatch.h"
#include "plugin/linux/task/exit.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/rseq.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/task/validate_memory.h"

namespace faultline::os {
namespace {

using engine::Trap;

// How many blocks the task may run before someone must look: to the end of its
// slice, to the next timer. 0: nobody is waiting, do not count.
uint64_t BlockBudget(Task& task) {
  Kernel& kernel = task.kernel();
  const mm::Scheduler& scheduler = kernel.scheduler();
  const TimeRates& rates = kernel.rates();
  const bool contended = scheduler.runnable_count() > 1;
  const bool timed = scheduler.next_timer() != mm::VirtualTime::Never();
  if (!contended && !timed) {
    return 0;
  }
  uint64_t ns = rates.slice_blocks * rates.block_ns;
  if (contended) {
    ns = uint64_t(std::max<int64_t>(task.run.slice_ns, 1));
  }
  if (timed) {
    const mm::VirtualTime now = kernel.now();
    const mm::VirtualTime next = scheduler.next_timer();
    ns = std::min(ns, next > now ? next - now : 1);
  }
  return std::max<uint64_t>((ns + rates.block_ns - 1) / rates.block_ns, 1);
}

SigInfo FaultSignal(const mm::PageFaultOutcome& outcome, uint64_t address) {
  using Kind = mm::PageFaultOutcome::Kind;
  SigInfo info;
  switch (outcome.kind) {
    case Kind::kAccessError:
      info = SigInfo(kSigSegv, kSegvAccerr);
      break;
    case Kind::kPkeyError:
      info = SigInfo(kSigSegv, kSegvPkuerr);
      break;
    case Kind::kBusError:
      info = SigInfo(kSigBus, kBusAdrerr);
      break;
    case Kind::kHwPoison:
      info = SigInfo(kSigBus, kBusMceerrAr);
      info.fault.address_lsb = outcome.lsb;
      break;
    case Kind::kOutOfMemory:
      info = SigInfo(kSigKill, kSiKernel);
      break;
    default:
      info = SigInfo(kSigSegv, kSegvMaperr);
      break;
  }
  if (info.signo != kSigKill) {
    info.fault.address = address;
  }
  return info;
}

// For the signal's frame. The address as the program made it.
uint64_t NoteFault(Task& task, Trap trap) {
  if (trap.kind == Trap::Kind::kPageFault) {
    // The trap names the page; a program is told the byte.
    const mm::GuestAddr page = trap.address;
    trap.address = task.kernel().cpu().LocateFault(trap);
    trap.raw_address += trap.address - page;
  }
  SignalDelivery d;  // what this trap says nothing of stays
  d.fault_address = task.run.fault_address;
  d.fault_code = task.run.fault_code;
  d.trap_number = task.run.trap_number;
  task.abi().DescribeFault(task, trap, d);
  task.run.fault_address = d.fault_address;
  task.run.fault_code = d.fault_code;
  task.run.trap_number = d.trap_number;
  task.run.fault_access = trap.access;
  return trap.raw_address;
}

// There is memory, and yet an allocation has failed: by bad luck, or because it
// was made to. The access is made again, as Linux makes it however little there
// is (pagefault_out_of_memory()).
bool WorthAnotherTry(mm::MemoryManager& system) {
  return system.phys().free() > system.reclaim().marks().min;
}

// Neither reclaim nor the OOM killer could help: who asked dies, where Linux
// would try for ever.
void DieOutOfMemory(Task& task, const mm::Fault& fault) {
  Kernel& kernel = task.kernel();
  mm::Trace& trace = kernel.trace();
  if (trace.on(mm::TraceKind::kTask)) {
    const mm::TraceField fields[] = {
        mm::TraceField::Dec("pid", uint64_t(task.process().pid())),
        mm::TraceField::Dec("tid", uint64_t(task.tid())),
        mm::TraceField::Hex("address", fault.address.value())};
    trace.Emit(mm::TraceKind::kTask, "oom", fields);
  }
  if (kernel.observer() != nullptr) {
    kernel.observer()->OnOutOfMemory(task);
  }
  BeginGroupExit(task.process(), kSigKill);
}

void HandleFaultTrap(Task& task, const Trap& trap) {
  Kernel& kernel = task.kernel();
  mm::Fault fault;
  fault.address = trap.address;
  if (mm::UffdAsksForByte(task.mm().vmas(), trap.address)) [[unlikely]] {
    fault.address =
        kernel.memory().arch().Untag(kernel.cpu().LocateFault(trap));
  }
  fault.access = trap.access;
  fault.mode = trap.mode;
  fault.was_present = trap.was_present;
  fault.pc = mm::GuestAddr(kernel.cpu().pc());
  fault.sp = mm::GuestAddr(kernel.cpu().sp());
  Charge(task, kernel.rates().fault_ns, ChargeTo::kSystem);
  const mm::PageFaultOutcome outcome = mm::HandlePageFault(task.mm(), fault);
  ++(outcome.major ? task.process().major_faults : task.process().minor_faults);
  if (kernel.observer() != nullptr) {
    kernel.observer()->OnFault(task, fault, outcome);
  }
  if (kernel.debugger() != nullptr) [[unlikely]] {
    LoadTask(task);
    kernel.debugger()->OnFault(task, fault, outcome);
  }
  using Kind = mm::PageFaultOutcome::Kind;
  if (outcome.kind == Kind::kDone || outcome.kind == Kind::kSignal ||
      (outcome.kind == Kind::kOutOfMemory &&
       WorthAnotherTry(kernel.memory()))) {
    return;
  }
  LoadTask(task);
  const SigInfo info = FaultSignal(outcome, NoteFault(task, trap));
  if (info.signo == kSigKill) {
    DieOutOfMemory(task, fault);
    return;
  }
  ForceSignal(task, info);
}

// False: it was an instruction that hardware would have done by itself, and
// nothing of the kernel has run.
bool HandleTrap(Task& task, Trap trap) {
  Kernel& kernel = task.kernel();
  if (mm::FailureSource::Active() != nullptr) [[unlikely]] {
    task.run.user_pc = kernel.cpu().pc();
  }
  switch (trap.kind) {
    case Trap::Kind::kSyscall:
      if (task.run.late_tag_fault) {
        // The call is made after the signal (el0_svc_common()).
        const engine::Cpu::SyscallRegs call = kernel.cpu().ReadSyscall();
        task.abi().Restart(kernel.cpu(), call.number, call.args[0]);
        return true;
      }
      DispatchSyscall(task);
      return true;
    case Trap::Kind::kPageFault:
      HandleFaultTrap(task, trap);
      return true;
    case Trap::Kind::kSlice:
    case Trap::Kind::kStopped:
      return true;
    case Trap::Kind::kEngineFailure:
      kernel.Fail(absl::InternalError(
          absl::StrFormat("the engine gave up (error %d) at pc 0x%x of task %d",
                          trap.code, kernel.cpu().pc(), task.tid())));
      BeginGroupExit(task.process(), kSigKill);
      return true;
    default:
      break;
  }
  const Emulated emulated = task.abi().Emulate(task, kernel.cpu(), trap);
  if (emulated == Emulated::kDone && !task.ptrace.steps) {
    return false;
  }
  if (emulated == Emulated::kDone) {
    trap = Trap();
    trap.kind = Trap::Kind::kSingleStep;
  }
  if (trap.kind == Trap::Kind::kPageFault) {
    HandleFaultTrap(task, trap);
    return true;
  }
  LoadTask(task);
  NoteFault(task, trap);
  ForceSignal(task, task.abi().SignalOf(trap, kernel.cpu().pc()));
  return true;
}

// A full slice for the next turn; a chance for others if this one is used up.
void EndSliceIfDue(Task& task) {
  if (task.run.slice_ns > 0) {
    return;
  }
  const TimeRates& rates = task.kernel().rates();
  task.run.slice_ns = int64_t(rates.slice_blocks * rates.block_ns);
  task.kernel().console().LookForInput(mm::MayWait::kNo);
  if (task.kernel().scheduler().runnable_count() > 1) {
    ++task.involuntary_switches;
    task.kernel().scheduler().SliceOver(kUserSlice);
    RseqAbortSection(task);
  } else {
    task.kernel().scheduler().Point(kUserSlice);  // the machine may be stopped
  }
}

// schedule_tail(): a new child's first steps in its own context.
void FirstSteps(Task& task) {
  if (task.set_child_tid != 0) {
    // Like Linux, a bad address is nobody's error.
    (void)task.user().Put(task.set_child_tid, int32_t(task.tid())).ok();
  }
}

// Whether user code is to be left after each instruction.
bool HasUserPoints(Task& task) {
  return task.kernel().user_points() != nullptr &&
         task.kernel().scheduler().runnable_count() > 1;
}

// Before each instruction, if that is a schedule point.
void PassUserPoint(Task& task) {
  Kernel& kernel = task.kernel();
  if (!HasUserPoints(task)) {
    return;
  }
  LoadTask(task);
  if (!kernel.user_points()(task, kernel.cpu().pc())) {
    return;
  }
  const mm::VirtualTime before = kernel.now();
  kernel.scheduler().Point(kUserInsn);
  if (kernel.now() != before) {  // somebody else ran
    RseqAbortSection(task);
  }
}

// For its tracer, or whoever explores.
Trap StepTask(Task& task) {
  Charge(task, task.kernel().rates().block_ns, ChargeTo::kUser);
  if (std::exchange(task.ptrace.step_due, false)) {
    Trap trap;
    trap.kind = Trap::Kind::kSingleStep;
    return trap;
  }
  Kernel& kernel = task.kernel();
  return kernel.debugger() == nullptr ? kernel.cpu().Step()
                                      : kernel.debugger()->StepUser(task);
}

// In user mode, by a debugger if there is one.
Trap RunBlocks(Task& task, uint64_t max_blocks) {
  Kernel& kernel = task.kernel();
  return kernel.debugger() == nullptr
             ? kernel.cpu().Run(max_blocks)
             : kernel.debugger()->RunUser(task, max_blocks);
}

// Until something happens in user mode.
Trap RunUserCode(Task& task) {
  if (task.ptrace.steps) {
    return StepTask(task);
  }
  if (HasUserPoints(task)) {
    Trap trap = StepTask(task);
    if (trap.kind == Trap::Kind::kSingleStep) {
      trap.kind = Trap::Kind::kSlice;  // nobody's signal
    }
    return trap;
  }
  const uint64_t budget = BlockBudget(task);
  const Trap trap = RunBlocks(task, budget);
  if (budget != 0) {
    Charge(task,
           task.kernel().cpu().blocks_run() * task.kernel().rates().block_ns,
           ChargeTo::kUser);
  }
  return trap;
}

void RunTask(Task& task) {
  FirstSteps(task);
  for (;;) {
    EndSliceIfDue(task);
    PassUserPoint(task);
    if (!DeliverSignals(task)) {
      break;
    }
    task.run.call_number = ~uint64_t{0};
    task.run.call_error = Errno::kOk;
    const Trap trap = RunUserCode(task);
    task.run.late_tag_fault |= task.kernel().cpu().TakeAsyncTagFault();
    if (HandleTrap(task, trap) &&
        std::exchange(task.run.late_tag_fault, false)) {
      // After the trap's own signal, which stands for it if it is the same one.
      // Who did it has gone on: nothing says where it was.
      (void)SendSignal(task, SigInfo(kSigSegv, kSegvMteaerr));
    }
    if (task.kernel().options().validate) {
      (void)ValidateMemory(task.kernel(), task.run.actor);
    }
  }
  ExitTask(task);
}

}  // namespace

void SpawnTask(std::shared_ptr<Task> task) {
  Task* raw = task.get();
  raw->start_time = raw->kernel().now();
  mm::Actor& actor = raw->kernel().scheduler().Spawn(
      absl::StrFormat("%s/%d", raw->comm, raw->tid()),
      [task = std::move(task)] { RunTask(*task); });
  actor.set_owner(raw);
  raw->run.actor = &actor;
  RecalcSigpending(*raw);
}

void LoadTask(Task& task) {
  task.kernel().cpu().SwitchTo(task.shared.mm.get(), task.run.context.get());
}

void Charge(Task& task, uint64_t ns, ChargeTo to) {
  (to == ChargeTo::kUser ? task.user_ns : task.system_ns) += ns;
  task.run.slice_ns -= int64_t(ns);
  task.kernel().scheduler().Advance(ns);
}

}  // namespace faultline::os
