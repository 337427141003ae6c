#include "plugin/linux/ptrace/syscall_info.h"

#include <algorithm>
#include <cstddef>

#include "plugin/linux/abi.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// struct ptrace_syscall_info.
struct SyscallInfo {
  uint8_t op = 0;
  uint8_t pad[3] = {};
  uint32_t arch = 0;
  uint64_t pc = 0, sp = 0;
  union {
    struct {
      uint64_t number;
      uint64_t args[6];
    } entry;
    struct {
      int64_t value;
      uint8_t is_error;
    } exit;
  };
  SyscallInfo() : entry{} {}
};

constexpr uint64_t kHeadBytes = offsetof(SyscallInfo, entry);
constexpr uint64_t kEntryBytes = kHeadBytes + sizeof(SyscallInfo::entry);
constexpr uint64_t kExitBytes =
    offsetof(SyscallInfo, exit.is_error) + sizeof(uint8_t);

// The stop stands at a system call; nothing: at something else.
bool IsAtSyscall(const PtraceStopState& stop) {
  constexpr int kSysgoodTrap = kSigTrap | 0x80;
  return stop.info != nullptr && stop.info->code == kSysgoodTrap;
}

}  // namespace

SyscallResult PtraceGetSyscallInfo(const PtraceCall& call) {
  Task& task = call.task;
  LoadTask(task);
  engine::Cpu& cpu = task.kernel().cpu();
  SyscallInfo info;
  info.arch = PtraceArch::Of(task.abi().arch()).audit_arch();
  info.pc = cpu.pc();
  info.sp = cpu.sp();
  uint64_t bytes = kHeadBytes;
  const PtraceStopState& stop = task.ptrace.stop;
  if (IsAtSyscall(stop) && stop.message == uint64_t(SyscallStop::kEntry)) {
    info.op = uint8_t(SyscallStop::kEntry);
    const engine::Cpu::SyscallRegs regs = cpu.ReadSyscall();
    info.entry.number = uint64_t(CallNumberOf(task));
    std::ranges::copy(regs.args, info.entry.args);
    bytes = kEntryBytes;
  } else if (IsAtSyscall(stop) &&
             stop.message == uint64_t(SyscallStop::kExit)) {
    constexpr int64_t kMaxErrno = 4095;
    info.op = uint8_t(SyscallStop::kExit);
    info.exit.value = int64_t(task.abi().ResultRegister(cpu.ReadRegisters()));
    info.exit.is_error =
        info.exit.value < 0 && info.exit.value >= -kMaxErrno ? 1 : 0;
    bytes = kExitBytes;
  }
  const auto raw = absl::MakeConstSpan(
      reinterpret_cast<const std::byte*>(&info), sizeof info);
  if (call.tracer.user().CopyTo(call.data,
                                raw.first(std::min(bytes, call.addr))) != 0) {
    return Errno::kEFAULT;
  }
  return bytes;
}

}  // namespace faultline::os
