#include "plugin/engine/debug.h"

#include <algorithm>

#include "arch_arm64/mte_insn.h"
#include "guest_mm/base/check.h"
#include "plugin/engine/cpu_impl.h"

namespace faultline::engine {
namespace {

// No instruction of x86 is longer.
constexpr uint64_t kLongestInstruction = 15;
constexpr uint64_t kPageMask = kEnginePageBytes - 1;

void OnHooked(uc_engine*, uint64_t address, uint32_t, void* user) {
  static_cast<CpuDebug*>(user)->OnInstruction(address);
}

}  // namespace

void CpuDebug::Enable() { enabled_ = true; }

// The first hook that stops the engine is the one; the instruction that it is
// called before does not run.
bool CpuDebug::StopFor(Why why) {
  if (!cpu_.NoteStop(Cpu::Impl::Stop::kDebug)) {
    return false;
  }
  why_ = why;
  uc_emu_stop(cpu_.uc);
  return true;
}

void CpuDebug::BeginRun() {
  resumed_ = false;
  block_ = 0;
  begun_ = false;
  why_ = Why::kNone;
  if (step_) {
    HookStep();
  }
}

Trap CpuDebug::Resume() {
  FL_CHECK(enabled_ && cpu_.mode == mm::Mode::kUser);
  // At the run's very start there is no block to go on with.
  resumed_ = block_ != 0;
  begun_ = false;
  why_ = Why::kNone;
  if (step_) {
    HookStep();
  }
  return cpu_.RunUntilTrap();
}

CpuDebug::Place CpuDebug::place() const {
  return {std::max<uint64_t>(block_, 1), cpu_.pc()};
}

void CpuDebug::OnBlock(uint64_t address, bool rest) {
  if (cpu_.probing) {
    resumed_ = rest;
    return;
  }
  if (!rest) {
    ++block_;
    block_start_ = address;
    if (on_block_ && on_block_({block_, address})) {
      StopFor(Why::kAsked);
    }
  }
  if (skip_pc_.has_value() && *skip_pc_ != address) {
    skip_pc_.reset();
  }
  if (step_ && begun_) {
    StopFor(Why::kStep);
  }
  begun_ = true;
}

void CpuDebug::OnInstruction(uint64_t address) {
  if (cpu_.mode == mm::Mode::kKernel || cpu_.probing ||
      cpu_.stop != Cpu::Impl::Stop::kNone) {
    return;
  }
  if (goal_.has_value() && *goal_ == Place{block_, address}) {
    goal_.reset();
    StopFor(Why::kPlace);
    return;
  }
  const bool skip = skip_pc_ == address;
  skip_pc_.reset();
  if (step_ && begun_ && step_hook_.has_value() && address > step_from_ &&
      address <= step_from_ + kLongestInstruction) {
    StopFor(Why::kStep);
  } else if (!skip && std::ranges::binary_search(breakpoints_, address)) {
    StopFor(Why::kBreakpoint);
  }
}

void CpuDebug::SetBreakpoints(std::vector<uint64_t> pcs) {
  std::ranges::sort(pcs);
  const auto same = std::ranges::unique(pcs);
  pcs.erase(same.begin(), same.end());
  breakpoints_ = std::move(pcs);
  Hook();
}

void CpuDebug::SetPlace(std::optional<Place> place) {
  goal_ = place;
  Hook();
}

// Hooks are compiled into the translations, so that code without any runs as
// fast as ever, and a change drops them all.
void CpuDebug::Hook() {
  std::vector<uint64_t> wanted = breakpoints_;
  if (goal_.has_value()) {
    wanted.push_back(goal_->pc);
  }
  std::ranges::sort(wanted);
  const auto again = std::ranges::unique(wanted);
  wanted.erase(again.begin(), again.end());
  const auto same = [](const auto& hook, uint64_t pc) {
    return hook.first == pc;
  };
  if (std::ranges::equal(hooks_, wanted, same)) {
    return;
  }
  for (const auto& [pc, hook] : hooks_) {
    uc_hook_del(cpu_.uc, hook);
  }
  hooks_.clear();
  for (const uint64_t pc : wanted) {
    uc_hook hook = 0;
    uc_hook_add(cpu_.uc, &hook, UC_HOOK_CODE,
                reinterpret_cast<void*>(&OnHooked), this, pc, pc);
    hooks_.emplace_back(pc, hook);
  }
  uc_ctl_flush_tb(cpu_.uc);
}

void CpuDebug::SetStep(bool step) {
  step_ = step;
  if (!step) {
    UnhookStep();
  }
}

// What comes next is the start of a block, or within the longest instruction's
// reach of the present one. Hooking no more than that, blocks end where they
// would have.
void CpuDebug::HookStep() {
  const uint64_t pc = cpu_.pc();
  if (step_hook_.has_value() && step_from_ == pc) {
    return;
  }
  UnhookStep();
  uc_hook hook = 0;
  uc_hook_add(cpu_.uc, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(&OnHooked),
              this, pc + 1, pc + kLongestInstruction);
  step_hook_ = hook;
  step_from_ = pc;
  uc_ctl_flush_tb(cpu_.uc);
}

void CpuDebug::UnhookStep() {
  if (step_hook_.has_value()) {
    uc_hook_del(cpu_.uc, *step_hook_);
    step_hook_.reset();
    uc_ctl_flush_tb(cpu_.uc);
  }
}

absl::Status CpuDebug::SetWatches(std::vector<Watch> watches) {
  std::ranges::sort(watches);
  if (watches == watches_) {
    return absl::OkStatus();
  }
  if (!watches.empty() && !window_mapped_) {
    if (!cpu_.port.arch_ops().geometry().memory_tags) {
      if (absl::Status s = cpu_.MapTagWindow(); !s.ok()) {
        return s;
      }
    }
    window_mapped_ = true;
  }
  watches_ = std::move(watches);
  cpu_.ForgetAllPages();
  return absl::OkStatus();
}

bool CpuDebug::WatchesPage(uint64_t va) const {
  const uint64_t page = va & ~kPageMask;
  return std::ranges::any_of(watches_, [page](const Watch& w) {
    return w.start < page + kEnginePageBytes && page < w.start + w.bytes;
  });
}

void CpuDebug::NoteFill(uint64_t va, uint64_t physical) {
  ForgetFill(va);
  filled_.emplace_back(physical & ~kPageMask, va & ~kPageMask);
}

void CpuDebug::ForgetFill(uint64_t va) {
  std::erase_if(filled_, [page = va & ~kPageMask](const auto& fill) {
    return fill.second == page;
  });
}

bool CpuDebug::MayAccess(uint64_t offset, uint64_t bytes, bool store) {
  for (const auto& [physical, va] : filled_) {
    if (physical != (offset & ~kPageMask)) {
      continue;
    }
    const uint64_t at = va + (offset & kPageMask);
    for (const Watch& w : watches_) {
      if ((store ? !w.stores : !w.loads) || at >= w.start + w.bytes ||
          at + bytes <= w.start) {
        continue;
      }
      const Access access{std::max(at, w.start), store};
      if (cpu_.mode == mm::Mode::kKernel) {
        kernel_access_ = access;
      } else if (!pass_accesses_ && StopFor(Why::kWatch)) {
        access_ = access;
        return false;
      }
    }
  }
  return true;
}

RegisterFile CpuDebug::Read(CpuContext& context) {
  if (cpu_.loaded != &context) {
    uc_context_save(cpu_.uc, cpu_.scratch_context.get());
    uc_context_restore(cpu_.uc, context.state().registers.get());
  }
  RegisterFile regs = cpu_.port.Read(cpu_.uc);
  if (cpu_.loaded != &context) {
    uc_context_restore(cpu_.uc, cpu_.scratch_context.get());
  }
  if (context.state().tco) {
    std::get<arm64::Registers>(regs).pstate |= arm64::kPstateTco;
  }
  return regs;
}

void CpuDebug::Write(CpuContext& context, const RegisterFile& regs) {
  if (cpu_.loaded != &context) {
    uc_context_save(cpu_.uc, cpu_.scratch_context.get());
    uc_context_restore(cpu_.uc, context.state().registers.get());
  }
  cpu_.port.Write(cpu_.uc, regs);
  if (const auto* r = std::get_if<arm64::Registers>(&regs)) {
    context.state().tco = (r->pstate & arm64::kPstateTco) != 0;
  }
  if (cpu_.loaded != &context) {
    uc_context_save(cpu_.uc, context.state().registers.get());
    uc_context_restore(cpu_.uc, cpu_.scratch_context.get());
  } else {
    cpu_.UseTagChecks(context.state().effective_checks());
  }
}

}  // namespace faultline::engine
