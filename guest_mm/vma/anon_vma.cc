#include "guest_mm/vma/anon_vma.h"

#include <utility>

#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/vma.h"
#include "guest_mm/vma/vma_set.h"

namespace faultline::mm {
namespace {

// Could the two become one VMA, were it not for their access rights?
// mm/vma.c anon_vma_compatible(): mprotect may make the rights equal later.
bool Compatible(const Vma& lower, const Vma& upper, PageShift shift) {
  constexpr VmaFlags kIgnored = VmaFlag::kRead | VmaFlag::kWrite |
                                VmaFlags(VmaFlag::kExec) | VmaFlag::kSoftDirty;
  return lower.range.end == upper.range.start && lower.file == upper.file &&
         lower.flags.without(kIgnored) == upper.flags.without(kIgnored) &&
         upper.pgoff == lower.pgoff + lower.range.Pages(shift).value();
}

// The neighbour's, unless fork has made it a family's.
std::shared_ptr<AnonVma> Reusable(const Vma& neighbour) {
  return neighbour.anon_vma != nullptr && !neighbour.anon_vma->inherited()
             ? neighbour.anon_vma
             : nullptr;
}

}  // namespace

ErrnoOr<Done> PrepareAnonVma(Vma& vma) {
  if (vma.anon_vma != nullptr) {
    return kDone;
  }
  const VmaSet& set = vma.mm->vmas();
  const PageShift shift = vma.mm->page_shift();
  const Vma* next = set.Next(vma);
  if (next != nullptr && Compatible(vma, *next, shift)) {
    vma.anon_vma = Reusable(*next);
  }
  const Vma* prev = set.Prev(vma);
  if (vma.anon_vma == nullptr && prev != nullptr &&
      Compatible(*prev, vma, shift)) {
    vma.anon_vma = Reusable(*prev);
  }
  if (vma.anon_vma == nullptr) {
    vma.anon_vma = std::make_shared<AnonVma>();
  }
  return kDone;
}

void ForkAnonVma(Vma& child, const Vma& parent) {
  child.anon_vma = parent.anon_vma == nullptr
                       ? nullptr
                       : std::make_shared<AnonVma>(parent.anon_vma);
}

}  // namespace faultline::mm
