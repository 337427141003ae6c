#ifndef FAULTLINE_GUEST_MM_VMA_VMA_MERGE_H_
#define FAULTLINE_GUEST_MM_VMA_VMA_MERGE_H_

// When two stretches of memory are one VMA. Linux 6.12: mm/vma.c
// (is_mergeable_vma(), can_vma_merge_left(), can_vma_merge_right()).
// Pure questions: VmaSet does what they answer.

#include "guest_mm/base/addr.h"
#include "guest_mm/profile/behaviour.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// Which neighbours can take in a stretch.
struct MergePlan {
  bool with_prev = false;
  bool with_next = false;
};

// Asks whether the stretch that `proposed` describes (its range, rules, file
// and AnonVma) can be joined to the neighbours, which may be null. The
// proposed VMA is either new or stands for a part of an existing one.
// Both true: all three become one. `rule` is the kernel version's.
MergePlan PlanMerge(const Vma* prev, const Vma& proposed, const Vma* next,
                    PageShift shift,
                    AnonVmaMerge rule = AnonVmaMerge::kExistingOnly);

// The same plan without what would make a VMA of a file go that counts them
// (can_merge_remove_vma()). `existing` is what `proposed` stands for, or a
// part of it; null for a new VMA.
MergePlan SpareCounted(MergePlan plan, const Vma& proposed,
                       const Vma* existing);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_VMA_MERGE_H_
