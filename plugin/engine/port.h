#ifndef FAULTLINE_PLUGIN_ENGINE_PORT_H_
#define FAULTLINE_PLUGIN_ENGINE_PORT_H_

// Port: what differs between the two engines: how Unicorn is set up, what its
// registers are called, and what its exception numbers mean. Stateless; Cpu
// does the rest for both.

#include <unicorn/unicorn.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "guest_mm/arch_ops.h"
#include "plugin/engine/cpu.h"
#include "plugin/engine/kernel_image.h"
#include "plugin/engine/registers.h"
#include "plugin/engine/trap.h"

namespace faultline::engine {

enum class SingleStep : uint8_t { kOff, kOn };

class Port {
 public:
  // Null: this architecture has no such page tables.
  static const Port* Of(Arch arch, Paging paging = Paging::kUsual);
  virtual ~Port() = default;

  virtual const mm::ArchOps& arch_ops() const = 0;

  // uc_open() with model and page size set; nothing mapped.
  virtual uc_err Open(uc_engine** uc) const = 0;
  // Adds the hooks for system calls, exceptions and what would let the host
  // show through; they note in `cpu` what happened.
  virtual absl::Status AddHooks(Cpu::Impl& cpu) const = 0;
  // True for an address of the kernel's half.
  virtual bool IsKernelAddress(uint64_t va) const = 0;
  // False for an address that no page table could map, which faults without
  // asking one (x86: #GP for what is not canonical).
  virtual bool IsCanonical(uint64_t va) const = 0;

  // Unicorn's names.
  virtual int pc() const = 0;
  virtual int sp() const = 0;
  virtual int thread_pointer() const = 0;

  virtual RegisterFile Read(uc_engine* uc) const = 0;
  // Keeps to what user mode may change: privilege and interrupt flags stay.
  virtual void Write(uc_engine* uc, const RegisterFile& regs) const = 0;
  // User registers of a new task.
  virtual RegisterFile Initial() const = 0;

  virtual Cpu::SyscallRegs ReadSyscall(uc_engine* uc) const = 0;
  virtual void WriteSyscallResult(uc_engine* uc, uint64_t value) const = 0;

  // Loads the arguments of the kernel image's routines. `stack` is the host's
  // view of the bytes under the image's stack_top.
  virtual void PrepareEnterUser(uc_engine* uc, const KernelImage& image,
                                absl::Span<std::byte> stack) const = 0;
  // `pages` of the engine's, kEnginePageBytes each.
  virtual void PrepareFlush(uc_engine* uc, uint64_t first_page,
                            uint64_t pages) const = 0;

  // Has the loaded kernel context call `call.routine`, which comes back to the
  // image's kernel_return.
  virtual void PrepareKernelCall(uc_engine* uc, const KernelImage& image,
                                 const Cpu::KernelCall& call,
                                 const KernelContext::Memory& memory) const = 0;
  virtual Cpu::KernelResult ReadKernelResult(uc_engine* uc) const = 0;
  virtual Cpu::KernelService ReadKernelService(uc_engine* uc) const = 0;

  // True if exception `number` is a system call (arm64).
  virtual bool IsSyscall(uint32_t number) const = 0;
  // What any other exception `number` at `*pc` means. `code` is what could be
  // read of the bytes around it: code[8] is the byte at `pc`, earlier ones
  // precede it.
  struct CodeWindow {
    static constexpr uint64_t kBefore = 8;
    uint8_t bytes[24] = {};
  };
  // `pc` is moved onto the instruction where Unicorn is a step ahead.
  virtual Trap Classify(uint32_t number, uint64_t* pc,
                        const CodeWindow& code) const = 0;
  // What an instruction at `pc` raises that the engine does not know.
  virtual Trap::Kind UnknownInstruction(const CodeWindow& code) const = 0;
  // True if `number` leaves the engine in a state from which it must be
  // brought back by loading a clean context.
  virtual bool NeedsCleanState(uint32_t number) const = 0;
  // True if a block may run on into the next page (step_ahead.cc).
  virtual bool TranslatesAhead() const = 0;
  // Makes the next entry end after one instruction, with an exception that
  // IsSingleStep(). False: not possible, or the guest has asked for it itself;
  // nothing has changed.
  virtual bool SetSingleStep(uc_engine* uc, SingleStep step) const = 0;
  virtual bool IsSingleStep(uint32_t number) const = 0;
  // True if the instruction at `pc` reads descriptors on the CPU's behalf.
  virtual bool ReadsDescriptors(const CodeWindow& code) const = 0;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_PORT_H_
