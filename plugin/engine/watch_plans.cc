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
  if (unsteady_.insert(frame.value()).second) {
    ++generation_;
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

// The slot of an address, with a plan that is known to be right, is the fast
// way; the others need not be fast.
WatchPlan& Watching::PlanOf(const Key& key) {
  Slot& slot = slots_[(key.pc >> 2 ^ key.pc >> 14 ^ key.pc << 2) % kSlots];
  if (slot.key == key && slot.generation == generation_) [[likely]] {
    return *slot.plan;
  }
  bool unsteady = false;
  WatchPlan& plan = MakePlan(key, &unsteady);
  if (!unsteady) {
    slot = {key, generation_, &plan};
  }
  return plan;
}

void Watching::DropPlans() {
  plans_.clear();
  slots_.fill({});
  current_ = nullptr;
  watch_.OnPlansDropped();
}

WatchPlan& Watching::MakePlan(const Key& key, bool* unsteady) {
  if (plans_.size() >= kMaxPlans) {
    DropPlans();
  }
  std::unique_ptr<WatchPlan>& plan = plans_[key];
  if (plan != nullptr && plan->generation_ == generation_) {
    *unsteady = plan->unsteady_;
    if (!*unsteady) {
      return *plan;
    }
  }
  mm::PhysAddr physical{};
  std::vector<uint8_t> code = ReadCode(key.pc, key.bytes, &physical, unsteady);
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
  plan->unsteady_ = *unsteady;
  return *plan;
}

}  // namespace faultline::engine
