#ifndef FAULTLINE_PLUGIN_ENGINE_CPU_H_
#define FAULTLINE_PLUGIN_ENGINE_CPU_H_

// Cpu: one Unicorn engine made to look like a CPU whose MMU is guest_mm.
// It knows page tables and registers, nothing of Linux. Unicorn's headers are
// seen only inside plugin/engine.
//
// One Cpu serves all tasks of its architecture: a task's state is loaded
// before it runs and saved when another is to run (uc_context, 0.1 us each).
//
// Life: Create -> AttachMemory (once, after the machine's memory exists) ->
// { SwitchTo, Run }*.

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "guest_mm/arch_ops.h"
#include "guest_mm/tlb.h"
#include "plugin/engine/registers.h"
#include "plugin/engine/trap.h"

namespace faultline::mm {
class AddressSpace;
class PhysMem;
}  // namespace faultline::mm

namespace faultline::engine {

// A task's registers in the engine's own form.
class CpuContext {
 public:
  virtual ~CpuContext() = default;
};

class Cpu : public mm::Tlb {
 public:
  // FailedPrecondition if the Unicorn found is older than 2.1.4;
  // InvalidArgument if the architecture has no such page tables.
  static absl::StatusOr<std::unique_ptr<Cpu>> Create(
      Arch arch, Paging paging = Paging::kUsual);
  ~Cpu() override;

  Arch arch() const { return arch_; }
  const mm::ArchOps& arch_ops() const;

  // Maps the machine's RAM and loads the guest kernel image (reserving its
  // frames). Once, before any frame is allocated.
  // InvalidArgument if the machine is too small for the image.
  absl::Status AttachMemory(mm::PhysMem& phys);

  // Makes `mm` the current address space (drops cached translations if it was
  // another; null: none) and loads `context`, saving the present registers
  // into the context loaded before. Contexts come from NewContext() and belong
  // to this Cpu.
  void SwitchTo(mm::AddressSpace* mm, CpuContext* context);
  // A copy of `from`, or the state of a CPU about to enter user mode.
  std::unique_ptr<CpuContext> NewContext(const CpuContext* from = nullptr);

  // Runs the loaded context in user mode until something happens.
  // `max_blocks`: ends with kSlice after about that many basic blocks, exactly
  // the same number in every run; 0: no limit and no counting.
  Trap Run(uint64_t max_blocks);
  // Basic blocks run by the last Run(), if it counted.
  uint64_t blocks_run() const;
  // The byte that `trap`, a page fault of the loaded context whose registers
  // are still as it left them, could not access (a trap names its page). Runs
  // the access again, which costs microseconds: for who must tell a user. The
  // page's start if the access would no longer fault there.
  mm::GuestAddr LocateFault(const Trap& trap);

  // What a guest that reads the time-stamp counter sees, in nanoseconds (a
  // 1 GHz counter); without it, 0. The host's clock is never seen.
  void set_clock(std::function<uint64_t()> nanoseconds);

  // The loaded context's registers, all at once (fork, signals, debuggers).
  RegisterFile ReadRegisters() const;
  void WriteRegisters(const RegisterFile& regs);
  // One by one, for the hot paths.
  uint64_t pc() const;
  void set_pc(uint64_t pc);
  uint64_t sp() const;
  void set_sp(uint64_t sp);
  // System calls: number and arguments as the architecture passes them.
  struct SyscallRegs {
    uint64_t number;
    uint64_t args[6];
  };
  SyscallRegs ReadSyscall() const;
  void WriteSyscallResult(uint64_t value);
  // Thread pointer: FS base, TPIDR_EL0.
  uint64_t thread_pointer() const;
  void set_thread_pointer(uint64_t value);

  // mm::Tlb.
  void FlushRange(const mm::AddressSpace& mm, mm::GuestRange range) override;
  void FlushMm(const mm::AddressSpace& mm) override;
  void FlushCode(mm::Pfn frame) override;

  // Translations asked for and flushes done, for --stats.
  struct Counters {
    uint64_t runs = 0, fills = 0, refusals = 0;
    uint64_t page_flushes = 0, full_flushes = 0, code_flushes = 0;
  };
  const Counters& counters() const;

  struct Impl;  // cpu_impl.h

 private:
  Cpu(Arch arch, std::unique_ptr<Impl> impl);

  Arch arch_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_CPU_H_
