#ifndef FAULTLINE_PLUGIN_ENGINE_CPU_IMPL_H_
#define FAULTLINE_PLUGIN_ENGINE_CPU_IMPL_H_

// The inside of Cpu. Its parts, a file each: cpu.cc the public face,
// kernel_call.cc that for the guest kernel image's routines, run.cc entering
// the engine and naming what came out, fill.cc the TLB-fill bridge,
// tag_check.cc memory tags and tag_window.cc the accesses that are looked at,
// code_coherence.cc stores to code, debug.cc stops for debuggers, step_ahead.cc
// fetches that come too early, step.cc one instruction, exclusive.cc arm64's
// monitor, kernel_memory.cc stacks of kernel code, flush.cc what must be
// forgotten before the next entry, watching.h who looks at each instruction.
//
// Hooks run inside Unicorn's C frames: they note what happened and stop the
// engine; nothing in them throws, blocks or enters the engine again.

#include <unicorn/unicorn.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "arch_arm64/mem_access.h"
#include "guest_mm/base/access.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/pgtable/page_table.h"
#include "plugin/engine/code_aliases.h"
#include "plugin/engine/cpu.h"
#include "plugin/engine/debug.h"
#include "plugin/engine/frame_window.h"
#include "plugin/engine/hooks_now.h"
#include "plugin/engine/kept_code.h"
#include "plugin/engine/kernel_memory.h"
#include "plugin/engine/port.h"
#include "plugin/engine/tag_state.h"
#include "plugin/engine/uc_context.h"
#include "plugin/engine/watching.h"

namespace faultline::engine {

struct CpuContext::State {
  Cpu::Impl& owner;
  UcContext registers;
  mm::Mode mode;
  TagChecks checks{};
  bool tco = false;  // PSTATE.TCO: nothing is checked for now
  TagChecks effective_checks() const { return tco ? TagChecks() : checks; }
};

struct Cpu::Impl {
  Impl(Arch arch, const Port& port);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // --- set-up (cpu.cc) ---
  absl::Status Open();
  absl::Status Attach(mm::PhysMem& memory);
  absl::Status Boot();
  UcContext AllocateContext() const;
  // A context that looks as `from` does.
  std::unique_ptr<CpuContext::State> CopyOf(uc_context* from, mm::Mode mode);

  // --- fill.cc ---
  bool Fill(uint64_t va, uc_mem_type type, uc_tlb_entry* out);
  bool FillKernel(uint64_t va, mm::Access access, uc_tlb_entry* out);
  bool Refuse(uint64_t va, mm::Access access, bool present);
  bool Retry();
  // Reads code around `pc` as the guest would fetch it, as far as mapped.
  Port::CodeWindow ReadCode(uint64_t pc);

  // --- code_coherence.cc ---
  enum class StoreRights : uint8_t { kNone, kUnseen, kSeen, kRetry };
  StoreRights StoresTo(const mm::PageTable::Translation& t, mm::Access access,
                       uint64_t page);
  bool MayExecute(const mm::PageTable::Translation& t, uint64_t page);
  bool TranslationsHold(mm::Pfn frame);
  bool ExecutesFrom(mm::Pfn frame);

  // --- exclusive.cc ---
  absl::Status FindExclusive();
  void ClearExclusive(uc_context* context) const;

  // --- step_ahead.cc ---
  bool RefusedAhead();
  bool StepToRefusal(uc_err* err);

  // --- step.cc ---
  Trap Step();
  void HookInstructions();
  void NoteRunUnstepped();

  // --- tag_check.cc ---
  bool IsChecked(const mm::PageTable::Translation& t) const;
  std::optional<mm::PhysAddr> Tagged(uint64_t va) const;
  std::optional<uint64_t> CheckedPage(uint64_t va, uint64_t physical);
  bool MayAccessTagged(uint64_t insn, mm::PhysAddr at, bool store);
  uint32_t InstructionAt(uint64_t at);
  std::optional<arm64::MemAccess> AccessAt(uint64_t at);
  bool MayTouch(const arm64::MemAccess& access);
  void LocateMisaligned(Trap& trap);
  std::optional<uint64_t> FirstMismatch(const arm64::MemAccess& access,
                                        mm::PhysAddr at);
  void SeeStore(mm::Pfn frame);
  Trap TagFaultTrap() const;
  std::optional<Trap> RefusedAccess() const;
  void UseTagChecks(TagChecks now);

  // --- tag_window.cc ---
  absl::Status MapTagWindow();
  bool AskTagged(uint64_t offset, unsigned bytes, bool store);
  uint64_t ReadTagged(uint64_t offset, unsigned bytes);

  // --- run.cc ---
  uc_err Enter(uint64_t at);
  Trap Run(uint64_t max_blocks);
  Trap RunUntilTrap();
  Trap NameTrap(uc_err err);
  Trap PageFaultTrap() const;
  // Runs an image routine that ends by itself; the kernel context is loaded.
  void RunRoutine(uint64_t address);
  void SetCounting(uint64_t max_blocks);
  void RestoreCleanState();
  // From a hook: the instruction at hand is one that user mode may not use, and
  // that the engine would do all the same.
  void RefuseInstruction(uint64_t at);
  uint64_t FaultOffset(const Trap& trap);
  uint64_t pc();

  // --- flush.cc ---
  void FlushPending();
  void FlushPendingInKernel();
  void ForgetAllPages();

  // --- constant after Attach ---
  const Arch arch;
  const Port& port;
  const KernelImage& image;
  uc_engine* uc = nullptr;
  mm::PhysMem* phys = nullptr;
  mm::PageShift page_shift{12};
  uint64_t user_end = 0;
  uint64_t image_phys = 0;
  // Of what arm64's load-exclusive marks, in a saved context; since Boot().
  std::optional<size_t> exclusive_offset;
  // At kPoisonPhys, pages that always fault: see FaultOffset(). The first
  // stands for the page that faulted, the second for the one before.
  static constexpr uint64_t kPoisonBytes = 2 * kEnginePageBytes;
  UcContext kernel_context;  // ring 0 / EL1, at rest
  UcContext clean_context;   // user mode, initial registers
  UcContext scratch_context;
  UcContext refused_context;  // before the instruction of Stop::kRefused

  // What all saved states have in common.
  std::unique_ptr<uc_context, decltype(&uc_context_free)> blank_context{
      nullptr, &uc_context_free};
  KernelMemory kernel_memory;

  // --- whose state is in the engine ---
  CpuContext* loaded = nullptr;
  mm::AddressSpace* mm = nullptr;
  uint64_t mm_id = 0;
  mm::Mode mode = mm::Mode::kUser;
  TagChecks checks;

  // --- noted by hooks, read after the engine has stopped ---
  enum class Stop : uint8_t {
    kNone,
    kSyscall,
    kInterrupt,
    kSlice,
    kUndefined,
    kRefused,
    kDebug
  };
  Stop stop = Stop::kNone;
  // The first reason to stop is the one, since a block runs on to its end;
  // true if this was it.
  bool NoteStop(Stop why) {
    if (stop != Stop::kNone) {
      return false;
    }
    stop = why;
    return true;
  }
  uint32_t interrupt = 0;
  uint64_t undefined_pc = 0;
  uint64_t refused_pc = 0;
  struct Refusal {
    uint64_t va = 0;
    mm::Access access = mm::Access::kRead;
    bool present = false;
  } refusal;
  mm::Access filling = mm::Access::kRead;  // what the last fill was asked for
  struct TagFault {
    uint64_t va = 0;  // tag included
    mm::Access access = mm::Access::kRead;
    bool noted = false;
  } tag_fault;
  CodePage code_page;
  AskedAccess asked;
  bool async_tag_fault = false;
  bool access_refused = false;  // by MayTouch()
  // A fill was refused only because something is to be forgotten first: do
  // that and run the access again.
  bool retry = false;

  // What the TLB may fetch and store; since AttachMemory.
  std::optional<CodeAliases> aliases;
  std::optional<KeptCode> kept_code;  // see KeepTranslations()

  const HooksNow::Owner hooks = HooksNow::Make();
  // --- block counting ---
  uint64_t block_limit = 0, blocks = 0;  // no limit: do not count

  // --- steps without a flag (step.cc) ---
  bool stepping = false;
  unsigned instructions = 0;  // begun, in this step

  // --- to be forgotten before the next entry (flush.cc) ---
  bool all_pages = false;
  // A tagged address was filled since the last full flush. The image's flush
  // routine cannot name tags, so single pages cannot be dropped then.
  bool tagged_fills = false;
  // Frames that were filled unchecked since then, for all their tags being the
  // pointer's.
  absl::flat_hash_set<uint64_t> uniform_frames;
  // Those that were filled in the tag window.
  absl::flat_hash_set<uint64_t> window_frames;
  std::vector<uint64_t> pages;
  std::vector<mm::Pfn> code_frames;
  bool forgetting_code = false;

  // --- finding the byte that faulted (FaultOffset) ---
  bool probing = false;
  bool probe_hit = false;
  uint64_t probe_offset = 0;

  std::unique_ptr<Watching> watching;  // null: nobody looks
  CpuDebug debug{*this};
  std::function<uint64_t()> clock;
  Counters counters;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_CPU_IMPL_H_
