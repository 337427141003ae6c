#ifndef FAULTLINE_PLUGIN_ENGINE_DEBUG_H_
#define FAULTLINE_PLUGIN_ENGINE_DEBUG_H_

// CpuDebug: stops for a debugger, before an instruction of user mode, without
// a trace in the guest: no byte of its memory and no flag of its registers
// changes, and blocks are counted as if nothing had stopped.
//
// A stop ends Cpu::Run() with Trap::Kind::kStopped; why() tells the reason.
// Resume() goes on with the same run. Addresses are virtual, of whatever
// address space is current: who sets them asks whose it is.
//
// A place in a run is a block, counted from the run's start, and an address in
// it: within a block addresses only rise. The same run has the same places.

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "plugin/engine/cpu.h"

namespace faultline::engine {

class CpuDebug {
 public:
  enum class Why : uint8_t {
    kNone,
    kBreakpoint,
    kStep,
    kWatch,
    kPlace,
    kAsked
  };
  struct Place {
    uint64_t block = 0;  // 1: the run's first
    uint64_t pc = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  // Bytes whose accesses stop: before the access, in user mode. What kernel
  // code does to them is noted (TakeKernelAccess()).
  struct Watch {
    uint64_t start = 0, bytes = 0;
    bool loads = false, stores = false;
    friend auto operator<=>(const Watch&, const Watch&) = default;
  };
  struct Access {
    uint64_t address = 0;  // the first watched byte of it
    bool store = false;
  };

  explicit CpuDebug(Cpu::Impl& cpu) : cpu_(cpu) {}

  // Blocks are counted from the next Run() on. For good.
  void Enable();
  bool enabled() const { return enabled_; }

  // Each replaces what was set before. Costs a translation of all code if that
  // was something else.
  void SetBreakpoints(std::vector<uint64_t> pcs);
  // The one place to stop at, of the run at hand or the next.
  void SetPlace(std::optional<Place> place);
  // FailedPrecondition: the engine cannot.
  absl::Status SetWatches(std::vector<Watch> watches);
  // What is run until the next stop or trap is one instruction.
  void SetStep(bool step);

  Trap Resume();
  // Registers of a context that need not be loaded; what is, stays as it is.
  RegisterFile Read(CpuContext& context);
  void Write(CpuContext& context, const RegisterFile& regs);
  // Why the last Run() or Resume() has ended; kNone: a trap of the guest's.
  Why why() const { return why_; }
  // Where the run is.
  Place place() const;
  uint64_t block_start() const { return block_start_; }
  // Of kWatch: the access that was about to happen.
  const Access& access() const { return access_; }
  // An access by kernel code since this was asked.
  std::optional<Access> TakeKernelAccess() {
    return std::exchange(kernel_access_, std::nullopt);
  }
  // Accesses to what is watched are let through, or not any more.
  enum class Accesses : uint8_t { kStop, kPass };
  void SetAccesses(Accesses how) { pass_accesses_ = how == Accesses::kPass; }
  // The breakpoint there does not stop the next instruction to run.
  void SkipBreakpoint(std::optional<uint64_t> pc) { skip_pc_ = pc; }
  // Called at the start of every block, inside the engine: it must only note.
  // True: stop there (kAsked).
  void set_on_block(std::function<bool(const Place&)> on_block) {
    on_block_ = std::move(on_block);
  }

  // --- for the engine ---
  void BeginRun();
  // True: the block that begins is the rest of one that was stopped in.
  bool TakeResumed() { return std::exchange(resumed_, false); }
  void OnBlock(uint64_t address, bool rest);
  void OnInstruction(uint64_t address);
  bool watching() const { return !watches_.empty(); }
  bool WatchesPage(uint64_t va) const;
  // False: it must not happen now. `offset` is physical.
  bool MayAccess(uint64_t offset, uint64_t bytes, bool store);
  // Where a watched page is in physical memory, once filled.
  void NoteFill(uint64_t va, uint64_t physical);
  void ForgetFill(uint64_t va);
  void ForgetFills() { filled_.clear(); }

 private:
  bool StopFor(Why why);
  void Hook();
  void HookStep();
  void UnhookStep();

  Cpu::Impl& cpu_;
  bool enabled_ = false;
  bool window_mapped_ = false;
  Why why_ = Why::kNone;
  std::vector<uint64_t> breakpoints_;  // sorted
  std::optional<Place> goal_;
  std::vector<Watch> watches_;
  // Watched pages by physical page: the same for all that is filled now.
  std::vector<std::pair<uint64_t, uint64_t>> filled_;  // physical, virtual
  Access access_;
  std::optional<Access> kernel_access_;
  bool pass_accesses_ = false;
  uint64_t block_ = 0, block_start_ = 0;
  bool resumed_ = false;
  std::optional<uint64_t> skip_pc_;
  bool step_ = false, begun_ = false;
  // Hooks before instructions: (address, handle).
  std::vector<std::pair<uint64_t, size_t>> hooks_;
  std::optional<size_t> step_hook_;
  uint64_t step_from_ = 0;
  std::function<bool(const Place&)> on_block_;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_DEBUG_H_
