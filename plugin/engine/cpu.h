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
// { SwitchTo, Run or Step }*.

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "guest_mm/arch_ops.h"
#include "guest_mm/tlb.h"
#include "plugin/engine/kernel_image.h"
#include "plugin/engine/registers.h"
#include "plugin/engine/trap.h"

namespace faultline::mm {
class AddressSpace;
class PhysMem;
}  // namespace faultline::mm

namespace faultline::engine {

class CpuDebug;

// What a context's accesses to tagged memory are checked for (arm64 MTE). An
// access that fails a synchronous check does not happen; one that fails an
// asynchronous check does, and is remembered.
enum class TagCheck : uint8_t { kNone, kSync, kAsync };
struct TagChecks {
  TagCheck loads = TagCheck::kNone;
  TagCheck stores = TagCheck::kNone;
  bool any() const {
    return loads != TagCheck::kNone || stores != TagCheck::kNone;
  }
  friend bool operator==(TagChecks, TagChecks) = default;
};

// A task's registers in the engine's own form, of user mode unless it is a
// KernelContext.
class CpuContext {
 public:
  struct State;  // cpu_impl.h
  explicit CpuContext(std::unique_ptr<State> state);
  virtual ~CpuContext();
  State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// Of kernel code (ring 0, EL1), with memory of its own: a stack, and a buffer
// for what is copied from or to where the guest's kernel cannot see it.
class KernelContext : public CpuContext {
 public:
  struct Memory {
    absl::Span<std::byte> buffer, stack;  // the host's view
    uint64_t buffer_address = 0, stack_top = 0;
  };
  KernelContext(std::unique_ptr<State> state, const Memory& memory);
  ~KernelContext() override;
  const Memory& memory() const { return memory_; }

 private:
  Memory memory_;
};

class CpuWatch;

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
  // Whose registers are in the engine; null: nobody's.
  const CpuContext* loaded() const;
  // Saves the loaded context, and has none loaded and no address space: what is
  // in the engine itself matters no more. Tells what was there, for SwitchTo().
  struct Loaded {
    mm::AddressSpace* mm = nullptr;
    CpuContext* context = nullptr;
  };
  Loaded Unload();
  // A copy of `from`, or the state of a CPU about to enter user mode.
  std::unique_ptr<CpuContext> NewContext(const CpuContext* from = nullptr);

  // Runs the loaded context in user mode until something happens.
  // `max_blocks`: ends with kSlice after about that many basic blocks, exactly
  // the same number in every run; 0: no limit and no counting.
  Trap Run(uint64_t max_blocks);
  // Runs one instruction: kSingleStep once it is done, or what it met.
  Trap Step();
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

  // Has `watch`, which outlives it, told of what user mode executes. Once,
  // before anything runs.
  void set_watch(CpuWatch* watch);

  // --- Memory tags (tag_check.cc) ---
  void SetTagChecks(CpuContext& context, TagChecks checks);
  // True if an access has failed an asynchronous check since this was asked
  // (TFSRE0_EL1).
  bool TakeAsyncTagFault();
  // Frames whose accesses are looked at one by one now.
  size_t TagCheckedPages() const;
  // To be told after the tags of a frame were changed.
  void TagsChanged(mm::Pfn frame);

  // --- The guest kernel image's routines (images/README.md) ---
  // A routine runs in a kernel context that was made current by SwitchTo().
  // It may fault on user memory, and others run, before it goes on.
  std::unique_ptr<KernelContext> NewKernelContext();
  struct KernelCall {
    KernelRoutine routine;
    uint64_t args[4] = {};
  };
  void BeginKernelCall(const KernelContext& context, const KernelCall& call);
  // Runs it on: kSyscall, it has returned; kPageFault, in kernel mode; any
  // other is a mistake in the image.
  Trap RunKernel();
  // After a fault that nothing can be done about: goes to the instruction's
  // fix-up. False: it has none.
  bool FixUpKernelFault();
  struct KernelResult {
    uint64_t value, second;  // as a C function returns two words
  };
  KernelResult ReadKernelResult() const;
  // What a routine that stopped with kSyscall asks for
  // (images/kernel/service.h); and the answer, with which it goes on.
  struct KernelService {
    uint64_t number, args[2];
  };
  KernelService ReadKernelService() const;
  void WriteKernelServiceResult(uint64_t value);
  // Where kernel code sees a byte of the machine's RAM; 0: it is not of that.
  uint64_t KernelAddressOf(const std::byte* host) const;

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

  // What a debugger asks of it (debug.h).
  CpuDebug& debug();
  // --- For who puts the machine's memory back to what it was ---
  // With nothing loaded, the machine is what lies in memory: this object and
  // its contexts, RAM, and what this calls `fn` for.
  void ForEachHostMemory(
      const std::function<void(absl::Span<std::byte>)>& fn) const;
  // From here on instructions that were translated stay so when memory is put
  // back under them: each frame is compared with what it held when it was
  // translated (kept_code.h). Nothing has run yet. Internal: the host has no
  // room.
  absl::Status KeepTranslations();

  // Translations asked for and flushes done, for --stats.
  struct Counters {
    uint64_t runs = 0, fills = 0, refusals = 0;
    uint64_t page_flushes = 0, full_flushes = 0, code_flushes = 0;
  };
  const Counters& counters() const;

  struct Impl;  // cpu_impl.h

 private:
  Cpu(Arch arch, std::unique_ptr<Impl> impl);
  Impl& OfUser() const;

  Arch arch_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_CPU_H_
