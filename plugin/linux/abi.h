#ifndef FAULTLINE_PLUGIN_LINUX_ABI_H_
#define FAULTLINE_PLUGIN_LINUX_ABI_H_

// Abi: where the two architectures' Linux differ for a program: calling
// convention, structure layouts, constants, how a trap becomes a signal, the
// signal frame. One stateless object each; handlers ask their task's.

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/types/span.h"
#include "guest_mm/base/errno.h"
#include "plugin/engine/cpu.h"
#include "plugin/engine/trap.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/syscall/syscall_table.h"

namespace faultline::os {

class Task;

// What stat(2) tells, before it has a layout.
struct FileStat {
  uint64_t dev = 0;  // as the kernel encodes it for user space (new_encode)
  uint64_t ino = 0;
  uint32_t mode = 0;
  uint32_t nlink = 1;
  uint32_t uid = 0, gid = 0;
  uint64_t rdev = 0;
  int64_t size = 0;
  uint32_t blksize = 4096;
  uint64_t blocks = 0;
  uint64_t atime_ns = 0, mtime_ns = 0, ctime_ns = 0;  // since 1970
};

// A handler about to be entered.
struct SignalDelivery {
  SigInfo info;
  SigAction action;
  SignalSet mask;              // goes into the frame: restored by sigreturn
  AltStack alt_stack;          // goes into the frame
  bool on_alt_stack = false;   // the frame goes to the top of alt_stack
  uint64_t fault_address = 0;  // CR2, FAR: 0 if not from a fault
  uint64_t fault_code = 0;     // x86: page-fault error code; arm64: ESR
  uint64_t trap_number = 0;    // x86: vector
};

// What sigreturn found in the frame, besides the registers it has loaded.
struct SignalReturn {
  SignalSet mask;
  AltStack alt_stack;
};

// Constants of a program's start (auxv).
struct AbiIdentity {
  uint16_t elf_machine;
  std::string_view platform;  // AT_PLATFORM and uname's machine
  uint64_t hwcap, hwcap2;
  uint64_t min_signal_stack;  // AT_MINSIGSTKSZ
  uint64_t min_alt_stack;     // MINSIGSTKSZ: what sigaltstack() accepts
};

enum class Emulated : uint8_t { kNot, kDone, kFault };

class Abi {
 public:
  virtual ~Abi() = default;
  static const Abi& Of(engine::Arch arch);

  virtual engine::Arch arch() const = 0;
  virtual const AbiIdentity& identity() const = 0;
  const SyscallTable& calls() const { return SyscallTable::Of(arch()); }

  // --- structure layouts ---
  // struct stat; returns its size (144 or 128), `out` holds at least 144.
  virtual size_t EncodeStat(const FileStat& s,
                            absl::Span<std::byte> out) const = 0;
  // struct epoll_event: 12 bytes packed, data at 4; or 16, data at 8.
  virtual size_t epoll_event_bytes() const = 0;
  // open(2) and fcntl(2) flags to x86-64's numbers, and back. arm64 swaps
  // O_DIRECTORY, O_NOFOLLOW, O_DIRECT and O_LARGEFILE around.
  virtual uint32_t OpenFlagsIn(uint32_t flags) const = 0;
  virtual uint32_t OpenFlagsOut(uint32_t flags) const = 0;
  // clone(2): the position of tls and child_tid differs.
  virtual bool clone_tls_before_child_tid() const = 0;

  // --- registers; the task's context is loaded ---
  // A program's first registers.
  virtual engine::RegisterFile EntryRegisters(uint64_t pc,
                                              uint64_t sp) const = 0;
  // After the call was made: the result register.
  virtual void SetResult(engine::Cpu& cpu, uint64_t value) const = 0;
  // Moves back onto the call instruction, to make the call again: the same
  // one, or restart_syscall.
  virtual void Restart(engine::Cpu& cpu, uint64_t number,
                       uint64_t arg0) const = 0;
  virtual void RestartBlock(engine::Cpu& cpu, uint64_t arg0) const = 0;
  // fork's child: returns 0, on `sp` unless that is 0, with `tls` if given.
  virtual void MakeChild(engine::RegisterFile& regs, uint64_t sp,
                         std::optional<uint64_t> tls) const = 0;
  // Stack pointer of a register file.
  virtual uint64_t StackPointer(const engine::RegisterFile& regs) const = 0;
  virtual uint64_t ProgramCounter(const engine::RegisterFile& regs) const = 0;
  // Where a call's result goes: RAX, X0.
  virtual uint64_t ResultRegister(const engine::RegisterFile& regs) const = 0;

  // --- traps ---
  // Does in software what the kernel emulates (arm64: ID registers) and what
  // the engine lacks (MTE). kFault: `trap` says now what the instruction met.
  virtual Emulated Emulate(Task& task, engine::Cpu& cpu,
                           engine::Trap& trap) const = 0;
  // The signal of a trap that is not a page fault or a call.
  virtual SigInfo SignalOf(const engine::Trap& trap, uint64_t pc) const = 0;
  // What a trap leaves for the frames of signals: vector, error code or ESR,
  // and address. `out` holds what the last one left.
  virtual void DescribeFault(Task& task, const engine::Trap& trap,
                             SignalDelivery& out) const = 0;

  // --- signal frames ---
  // Writes the frame and points the loaded registers at the handler. kEFAULT
  // if the stack cannot take it; the registers are then unchanged.
  virtual ErrnoOr<Done> PushSignalFrame(Task& task, engine::Cpu& cpu,
                                        const SignalDelivery& d) const = 0;
  // rt_sigreturn: loads the registers from the frame. kEFAULT: bad frame.
  virtual ErrnoOr<SignalReturn> PopSignalFrame(Task& task,
                                               engine::Cpu& cpu) const = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_ABI_H_
