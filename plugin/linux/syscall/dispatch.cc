#include "plugin/linux/syscall/dispatch.h"

#include "guest_mm/trace.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/debugger.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using mm::TraceField;
using mm::TraceKind;

void TraceCall(Task& task, uint64_t number, const SyscallArgs& args,
               uint64_t value) {
  mm::Trace& trace = task.kernel().trace();
  if (!trace.on(TraceKind::kSyscall)) {
    return;
  }
  const std::string name = task.abi().calls().NameOf(number);
  const TraceField fields[] = {TraceField::Dec("tid", uint64_t(task.tid())),
                               TraceField::Hex("arg0", args.U64(0)),
                               TraceField::Hex("arg1", args.U64(1)),
                               TraceField::Hex("arg2", args.U64(2)),
                               TraceField::Hex("arg3", args.U64(3)),
                               TraceField::Hex("arg4", args.U64(4)),
                               TraceField::Hex("arg5", args.U64(5)),
                               TraceField::Hex("result", value)};
  trace.Emit(TraceKind::kSyscall, name, fields);
}

SyscallResult Unimplemented(Task& task, uint64_t number) {
  const std::string name = task.abi().calls().NameOf(number);
  const TraceField fields[] = {TraceField::Dec("tid", uint64_t(task.tid())),
                               TraceField::Dec("number", number)};
  task.kernel().trace().Emit(TraceKind::kUnknown, name, fields);
  return Errno::kENOSYS;
}

// The one place where an error number becomes a negative result.
uint64_t Encode(const SyscallResult& result) {
  return result.ok() ? *result : uint64_t(-int64_t(result.error()));
}

SyscallArgs ArgsOf(const engine::Cpu::SyscallRegs& regs) {
  return SyscallArgs({regs.args[0], regs.args[1], regs.args[2], regs.args[3],
                      regs.args[4], regs.args[5]});
}

}  // namespace

void DispatchSyscall(Task& task) {
  Kernel& kernel = task.kernel();
  const engine::Cpu::SyscallRegs regs = kernel.cpu().ReadSyscall();
  SyscallArgs args = ArgsOf(regs);
  task.run.call_number = uint32_t(regs.number);
  task.run.call_arg0 = args.U64(0);
  task.run.call_error = Errno::kOk;
  task.run.result_written = false;
  if (task.ptrace.active()) [[unlikely]] {
    if (!PtraceSyscallEnter(task)) {
      PtraceSyscallExit(task);
      return;
    }
    LoadTask(task);
    args = ArgsOf(kernel.cpu().ReadSyscall());
  }
  const uint64_t number = uint32_t(task.run.call_number);
  Charge(task, kernel.rates().syscall_ns, ChargeTo::kSystem);
  kernel.scheduler().Point(kSyscallEnter);
  ++kernel.stats().syscalls;
  if (kernel.observer() != nullptr) {
    kernel.observer()->OnSyscallEnter(task, number, args);
  }
  if (kernel.debugger() != nullptr) [[unlikely]] {
    LoadTask(task);
    kernel.debugger()->OnSyscall(task, number, SyscallEdge::kEnter);
  }

  const SyscallSpec* spec = task.abi().calls().Find(number);
  const SyscallResult result = spec != nullptr && spec->handler != nullptr
                                   ? spec->handler(task, args)
                                   : Unimplemented(task, number);

  if (!result.ok()) {
    task.run.call_error = result.error();
  }
  // Before anybody is told: who is may look at the registers, or change them.
  if (!task.exited() && !task.run.result_written) {
    LoadTask(task);
    kernel.cpu().WriteSyscallResult(Encode(result));
  }
  if (kernel.observer() != nullptr) {
    kernel.observer()->OnSyscallExit(task, number, args, result);
  }
  TraceCall(task, number, args, Encode(result));
  kernel.scheduler().Point(kSyscallExit);
  if (task.exited()) {
    return;
  }
  if (kernel.debugger() != nullptr) [[unlikely]] {
    LoadTask(task);
    kernel.debugger()->OnSyscall(task, number, SyscallEdge::kReturn);
  }
  PtraceSyscallExit(task);
}

}  // namespace faultline::os
