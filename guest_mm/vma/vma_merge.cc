#include "guest_mm/vma/vma_merge.h"

#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// VM_SPECIAL: never merged, whoever the neighbours are.
constexpr VmaFlags kNeverMerged =
    VmaFlag::kIo | VmaFlag::kPfnMap | VmaFlags(VmaFlag::kDontExpand);

bool SameRules(const Vma& a, const Vma& b) {
  // These are no reason to keep VMAs apart: the union gets them.
  constexpr VmaFlags kSticky = VmaFlag::kSoftDirty | VmaFlag::kMaybeGuard;
  return a.flags.without(kSticky) == b.flags.without(kSticky) &&
         a.file == b.file && a.zero_device == b.zero_device &&
         a.anon_name == b.anon_name && a.special_name == b.special_name &&
         a.uffd == b.uffd;
}

bool Contiguous(const Vma& lower, const Vma& upper, PageShift shift) {
  return lower.range.end == upper.range.start &&
         upper.pgoff == lower.pgoff + lower.range.Pages(shift).value();
}

// is_mergeable_anon_vma(): one of the two may lack an AnonVma if the other's
// was not inherited through fork. Until 6.16 only the proposed one may: one
// that has faulted did not merge into one that has not.
bool AnonVmasAgree(const Vma& proposed, const Vma& existing,
                   AnonVmaMerge rule) {
  if (proposed.anon_vma == nullptr && existing.anon_vma != nullptr) {
    return !existing.anon_vma->inherited();
  }
  if (rule == AnonVmaMerge::kEither && proposed.anon_vma != nullptr &&
      existing.anon_vma == nullptr) {
    return !proposed.anon_vma->inherited();
  }
  return proposed.anon_vma == existing.anon_vma;
}

}  // namespace

MergePlan PlanMerge(const Vma* prev, const Vma& proposed, const Vma* next,
                    PageShift shift, AnonVmaMerge rule) {
  MergePlan plan;
  if (proposed.flags.any(kNeverMerged)) {
    return plan;
  }
  plan.with_prev = prev != nullptr && SameRules(*prev, proposed) &&
                   Contiguous(*prev, proposed, shift) &&
                   AnonVmasAgree(proposed, *prev, rule);
  plan.with_next = next != nullptr && SameRules(proposed, *next) &&
                   Contiguous(proposed, *next, shift) &&
                   AnonVmasAgree(proposed, *next, rule);
  // Each agrees with the stretch; do they agree with each other?
  if (plan.with_prev && plan.with_next && prev->anon_vma != nullptr &&
      next->anon_vma != nullptr && prev->anon_vma != next->anon_vma) {
    plan.with_next = false;
  }
  return plan;
}

MergePlan SpareCounted(MergePlan plan, const Vma& proposed,
                       const Vma* existing) {
  if (proposed.file == nullptr || !proposed.file->counts_vmas()) {
    return plan;
  }
  if (existing != nullptr && existing->range == proposed.range) {
    return {};
  }
  plan.with_next = plan.with_next && !plan.with_prev;
  return plan;
}

}  // namespace faultline::mm
