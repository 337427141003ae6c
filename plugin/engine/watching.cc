#include "plugin/engine/watching.h"

#include <utility>

#include "guest_mm/base/check.h"
#include "plugin/engine/cpu_impl.h"

namespace faultline::engine {
namespace {

void OnWatchedBlock(uc_engine* uc, uint64_t pc, uint32_t bytes, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  if (cpu.mode == mm::Mode::kKernel || cpu.stop != Cpu::Impl::Stop::kNone) {
    return;
  }
  if (cpu.block_limit != 0) {
    if (cpu.blocks == cpu.block_limit) {
      cpu.NoteStop(Cpu::Impl::Stop::kSlice);
      uc_emu_stop(uc);  // before the block's first instruction
      return;
    }
    ++cpu.blocks;
  }
  cpu.watching->EnterBlock(pc, bytes);
}

void OnWatchedInstruction(uc_engine*, uint64_t pc, uint32_t, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  if (cpu.mode == mm::Mode::kUser && cpu.stop == Cpu::Impl::Stop::kNone) {
    cpu.watching->BeginInstruction(pc);
  }
}

void OnWatchedAccess(uc_engine*, uc_mem_type type, uint64_t physical, int bytes,
                     int64_t value, void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  if (cpu.mode == mm::Mode::kUser) {
    cpu.watching->SeeAccess(physical, uint32_t(bytes), type == UC_MEM_WRITE,
                            uint64_t(value));
  }
}

}  // namespace

Watching::Watching(Cpu::Impl& cpu, CpuWatch& watch) : cpu_(cpu), watch_(watch) {
  uc_hook hook = 0;
  uc_hook_add(cpu.uc, &hook, UC_HOOK_BLOCK,
              reinterpret_cast<void*>(&OnWatchedBlock), &cpu, 1, 0);
  uc_ctl_flush_tb(cpu.uc);
}

void Watching::BeforeEntry() {
  AddMissingHooks();
  steady_ = false;  // another task's block, or the rest of one
  if (!repeats_.has_value()) {
    current_ = nullptr;
    if (watch_.WantsPlansDropped()) {
      DropPlans();
    }
  }
}

void Watching::AfterEntry(uc_err err) {
  using Stop = Cpu::Impl::Stop;
  if (current_ == nullptr || paused_) {
    return;
  }
  if (cpu_.stop == Stop::kSlice) {
    const uint64_t at = cpu_.pc();
    if (current_->iterates_ && current_->insns.back().address == at) {
      iterating_[cpu_.loaded] = at;
    }
  } else if (cpu_.stop == Stop::kRefused) {
    EndedAt(cpu_.refused_pc);
  } else if (cpu_.stop == Stop::kUndefined) {
    EndedAt(cpu_.undefined_pc);
  } else if (err == UC_ERR_EXCEPTION) {
    // A fetch that is refused is of the next block: all of this one has run.
    if (cpu_.filling != mm::Access::kExec) {
      const uint64_t at = cpu_.pc();
      cpu_.retry ? RepeatsAt(at) : EndedAt(at);
    }
  } else if (err != UC_ERR_OK || cpu_.stop == Stop::kInterrupt) {
    EndedAt(cpu_.pc());
  }
  FinishAccess();
}

void Watching::AddMissingHooks() {
  if (!stopped_for_hooks_) {
    return;
  }
  stopped_for_hooks_ = false;
  uc_hook hook = 0;
  if (std::exchange(wants_instructions_, false)) {
    uc_hook_add(cpu_.uc, &hook, UC_HOOK_CODE,
                reinterpret_cast<void*>(&OnWatchedInstruction), &cpu_, 1, 0);
    hooks_instructions_ = true;
  }
  if (std::exchange(wants_accesses_, false)) {
    uc_hook_add(cpu_.uc, &hook, UC_HOOK_MEM_READ_AFTER | UC_HOOK_MEM_WRITE,
                reinterpret_cast<void*>(&OnWatchedAccess), &cpu_, 1, 0);
    hooks_accesses_ = true;
    // Fills have to be seen from now on.
    uc_ctl_flush_tlb(cpu_.uc);
  }
  uc_ctl_flush_tb(cpu_.uc);
}

// Hooks are compiled into translations, so those that no plan has asked for yet
// cost nothing.
bool Watching::Missing(const WatchPlan& plan) {
  wants_instructions_ = plan.by_instruction_ && !hooks_instructions_;
  wants_accesses_ = plan.accesses_ && !hooks_accesses_;
  return wants_instructions_ || wants_accesses_;
}

void Watching::TakeBack(size_t first) {
  if (current_->by_instruction_) {
    return;  // nothing was added ahead of time
  }
  for (size_t i = first; i < current_->insns.size(); ++i) {
    for (const InlineOp& op : current_->insns[i].adds) {
      op.cell() -= op.value;
    }
  }
}

void Watching::EndedAt(uint64_t pc) {
  const size_t i = current_->IndexOf(pc);
  if (i < current_->insns.size()) {
    pending_.reset();  // it has not happened
    TakeBack(i + 1);
  }
  FinishAccess();
  current_ = nullptr;
}

void Watching::RepeatsAt(uint64_t pc) {
  if (current_->IndexOf(pc) == current_->insns.size()) {
    current_ = nullptr;
    return;
  }
  pending_.reset();
  repeats_ = pc;
}

// The engine has a block of its own for the iterations of a string instruction
// after the first. QEMU has a loop, and leaves it to look around whenever the
// counter's lower 16 bits are zero; then the instruction begins once more.
bool Watching::GoesOnIterating(uint64_t pc) {
  if (current_ != nullptr) {
    if (!current_->iterates_ || current_->insns.back().address != pc) {
      return false;
    }
    uint64_t left = 0;
    uc_reg_read(cpu_.uc, UC_X86_REG_RCX, &left);
    return left == 0 || (left & 0xffff) != 0;
  }
  if (!iterating_.empty()) [[unlikely]] {
    const auto it = iterating_.find(cpu_.loaded);
    if (it != iterating_.end()) {
      const uint64_t at = it->second;
      iterating_.erase(it);
      return at == pc;
    }
  }
  return false;
}

// A store to the block that it is in is made again by a block of its own, that
// has no other instruction. (One that ends a block has none after it.)
bool Watching::IsStoreToItself(uint64_t pc, uint32_t bytes) const {
  if (current_ == nullptr || unsteady_.empty()) {
    return false;
  }
  const size_t i = current_->IndexOf(pc);
  return i + 1 < current_->insns.size() && current_->insns[i].bytes == bytes;
}

void Watching::EnterBlockSlowly(uint64_t pc, uint32_t bytes) {
  steady_ = false;
  if (paused_) {
    return;
  }
  if (const auto at = std::exchange(repeats_, std::nullopt)) [[unlikely]] {
    const size_t i = current_->IndexOf(*at);
    if (*at == pc && pc + bytes == current_->end()) {
      repeated_ = current_->by_instruction_;
      next_ = i;
      return;
    }
    TakeBack(i);
  } else if (IsStoreToItself(pc, bytes)) [[unlikely]] {
    pending_.reset();
    TakeBack(current_->IndexOf(pc));
  }
  if (pending_.has_value()) {
    FinishAccess();
  }
  repeated_ = false;
  if (GoesOnIterating(pc)) [[unlikely]] {
    if (current_ == nullptr) {
      current_ = &PlanOf({cpu_.mm_id, pc, bytes});
    }
    next_ = current_->insns.size() - 1;
    repeated_ = current_->by_instruction_;
    return;
  }
  const Key key{cpu_.mm_id, pc, bytes};
  WatchPlan& plan = PlanOf(key);
  if (plan.by_instruction_ && Missing(plan)) [[unlikely]] {
    current_ = nullptr;
    stopped_for_hooks_ = true;
    uc_emu_stop(cpu_.uc);
    return;
  }
  current_ = &plan;
  next_ = 0;
  if (plan.calls) {
    watch_.OnBlock(plan);
  }
  for (const InlineOp& op : plan.sums_) {
    op.Do();
  }
  FillSlot(key, plan);
  steady_ = !plan.by_instruction_ && !plan.iterates_ && unsteady_.empty();
}

void Watching::BeginInstruction(uint64_t pc) {
  if (paused_ || current_ == nullptr) {
    return;
  }
  if (pending_.has_value()) {
    FinishAccess();
  }
  const std::vector<WatchedInsn>& insns = current_->insns;
  size_t i = next_;
  if (i >= insns.size() || insns[i].address != pc) {
    i = current_->IndexOf(pc);
    if (i == insns.size()) {
      return;
    }
  }
  index_ = i;
  next_ = i + 1;
  if (std::exchange(repeated_, false) || !current_->by_instruction_) {
    return;
  }
  if (insns[i].calls) {
    watch_.OnInstruction(*current_, i);
  } else {
    for (const InlineOp& op : insns[i].adds) {
      op.Do();
    }
  }
}

void Cpu::set_watch(CpuWatch* watch) {
  FL_CHECK(impl_->watching == nullptr && !impl_->hooks->counting);
  impl_->watching = std::make_unique<Watching>(*impl_, *watch);
}

}  // namespace faultline::engine
