// The plans of blocks: made, found again, compared with the code they are of.

#include <algorithm>
#include <cstring>

#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/watching.h"

namespace faultline::engine {
namespace {

// A quarter of a gigabyte at worst; Debian's largest programs have a tenth.
constexpr size_t kMaxPlans = 1 << 18;

}  // namespace

size_t WatchPlan::IndexOf(uint64_t address) const {
  const auto it = std::lower_bound(
      insns.begin(), insns.end(), address,
      [](const WatchedInsn& i, uint64_t a) { return i.address < a; });
  return it != insns.end() && it->address == address
             ? size_t(it - insns.begin())
             : insns.size();
}

void WatchPlan::Seal() {
  uint64_t at = pc_;
  for (const WatchedInsn& insn : insns) {
    FL_CHECK(insn.address == at && insn.bytes != 0);
    at += insn.bytes;
    by_instruction_ |= insn.calls || insn.accesses;
    accesses_ |= insn.accesses;
  }
  FL_CHECK(at == end());
  iterates_ = insns.back().iterates;
  if (!calls) {
    sums_ = adds;
  }
  if (by_instruction_) {
    return;
  }
  // Of one cell all at once: a block of ten instructions is one addition.
  const size_t of_block = sums_.size();
  for (const WatchedInsn& insn : insns) {
    for (const InlineOp& op : insn.adds) {
      const auto same =
          std::find_if(sums_.begin() + ptrdiff_t(of_block), sums_.end(),
                       [&op](const InlineOp& o) {
                         return o.base == op.base && o.offset == op.offset;
                       });
      if (same == sums_.end()) {
        sums_.push_back(op);
      } else {
        same->value += op.value;
      }
    }
  }
}

void Watching::StoresToCode(mm::Pfn frame) {
  steady_ = false;
  if (unsteady_.insert(frame.value()).second) {
    CodeMayChange();
  }
}

std::vector<uint8_t> Watching::ReadCode(uint64_t pc, uint64_t bytes,
                                        mm::PhysAddr* physical,
                                        bool* unsteady) const {
  std::vector<uint8_t> code(bytes);
  const uint64_t page_bytes = cpu_.page_shift.bytes();
  *unsteady = false;
  for (uint64_t done = 0; done < bytes;) {
    const mm::GuestAddr at =
        cpu_.port.arch_ops().Untag(mm::GuestAddr(pc + done));
    mm::PageTable::Translation t;
    if (cpu_.mm == nullptr ||
        !cpu_.mm->page_table().Translate(at, mm::Access::kExec, mm::Mode::kUser,
                                         &t, nullptr)) {
      break;  // gone while its translation stays: zeros, which decode as well
    }
    const uint64_t offset = at.PageOffset(cpu_.page_shift);
    const uint64_t n = std::min(bytes - done, page_bytes - offset);
    std::memcpy(code.data() + done, cpu_.phys->Data(t.pfn) + offset, n);
    *unsteady |= unsteady_.contains(t.pfn.value());
    if (done == 0) {
      *physical = mm::PhysAddr(t.pfn.ToPhys(cpu_.page_shift).value() + offset);
    }
    done += n;
  }
  return code;
}

// A plan that adds to two cells at most, and does no more, is found by its
// address alone until something changes.
void Watching::FillSlot(const Key& key, WatchPlan& plan) {
  if (plan.calls || plan.by_instruction_ || plan.iterates_ || plan.unsteady_ ||
      plan.sums_.size() > Slot::kCells) {
    return;
  }
  Slot& slot = SlotOf(key.pc);
  slot = {key, epoch_, &plan};
  for (size_t i = 0; i < Slot::kCells; ++i) {
    const bool used = i < plan.sums_.size();
    slot.cells[i] = used ? &plan.sums_[i].cell() : &nowhere_;
    slot.values[i] = used ? plan.sums_[i].value : 0;
  }
}

void Watching::DropPlans() {
  plans_.clear();
  slots_.fill({});
  current_ = nullptr;
  watch_.OnPlansDropped();
}

WatchPlan& Watching::PlanOf(const Key& key) {
  if (plans_.size() >= kMaxPlans) {
    DropPlans();
  }
  std::unique_ptr<WatchPlan>& plan = plans_[key];
  if (plan != nullptr && plan->generation_ == generation_ && !plan->unsteady_) {
    return *plan;
  }
  bool unsteady = false;
  mm::PhysAddr physical{};
  std::vector<uint8_t> code = ReadCode(key.pc, key.bytes, &physical, &unsteady);
  if (plan == nullptr || plan->code() != code) {
    if (plan.get() == current_) {
      current_ = nullptr;
    }
    plan = std::make_unique<WatchPlan>(key.pc, std::move(code));
    plan->physical = physical;
    watch_.OnTranslate(*plan);
    plan->Seal();
  }
  plan->generation_ = generation_;
  plan->unsteady_ = unsteady;
  return *plan;
}

}  // namespace faultline::engine
