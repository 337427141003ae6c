#include "guest_mm/vma/anon_vma.h"

#include <algorithm>
#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/vma.h"
#include "guest_mm/vma/vma_set.h"

namespace faultline::mm {
namespace {

// With more, all that a family of processes has would come to hang from one.
constexpr size_t kMostChildrenToReuse = 1;
// What the host's heap adds to an object and its reference count.
constexpr size_t kHeapBytes = 32;

// As Vma::anon_vma: points to the chain's own AnonVma, holds the chain.
std::shared_ptr<AnonVma> Handle(std::shared_ptr<AnonVmaChain> chain,
                                AnonVma& own) {
  return std::shared_ptr<AnonVma>(std::move(chain), &own);
}

// A chain that goes on where `inherited` ends, with an AnonVma in use: one of
// the chain's, else a new child of `parent`.
ErrnoOr<std::shared_ptr<AnonVma>> NewHandle(Slab& slab,
                                            const AnonVmaChain* inherited,
                                            AnonVma* parent) {
  const size_t links = inherited == nullptr ? 1 : inherited->size() + 1;
  FL_ASSIGN(Slab::Charge for_chain,
            slab.Take(sizeof(AnonVmaChain) + kHeapBytes +
                      links * sizeof(std::shared_ptr<AnonVma>)));
  FL_ASSIGN(Slab::Charge for_own, slab.Take(sizeof(AnonVma) + kHeapBytes));
  // From here on nobody else runs, so what is free to reuse stays so.
  auto chain = std::make_shared<AnonVmaChain>(inherited, std::move(for_chain));
  if (AnonVma* const reused = chain->Reusable()) {
    chain->Use(*reused);
    return Handle(std::move(chain), *reused);
  }
  auto own = std::make_shared<AnonVma>(parent, std::move(for_own));
  AnonVma& in_use = *own;
  chain->Append(std::move(own));
  return Handle(std::move(chain), in_use);
}

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

AnonVmaChain::AnonVmaChain(const AnonVmaChain* inherited, Slab::Charge charge)
    : charge_(std::move(charge)) {
  if (inherited != nullptr) {
    links_.reserve(inherited->links_.size() + 1);
    links_.assign(inherited->links_.begin(), inherited->links_.end());
  }
}

// unlink_anon_vmas(). Children go first: they count themselves off.
AnonVmaChain::~AnonVmaChain() {
  if (own_ != nullptr) {
    own_->chain_ = nullptr;
  }
  while (!links_.empty()) {
    links_.pop_back();
  }
}

void AnonVmaChain::Use(AnonVma& own) {
  FL_DCHECK(own_ == nullptr && own.chain_ == nullptr && Contains(&own));
  own_ = &own;
  own.chain_ = this;
}

void AnonVmaChain::Append(std::shared_ptr<AnonVma> own) {
  links_.push_back(std::move(own));
  Use(*links_.back());
}

AnonVma* AnonVmaChain::Reusable() const {
  const auto it =
      std::find_if(links_.begin(), links_.end(), [](const auto& link) {
        return link->inherited() && link->chain_ == nullptr &&
               link->children_ <= kMostChildrenToReuse;
      });
  return it == links_.end() ? nullptr : it->get();
}

bool AnonVmaChain::Contains(const AnonVma* a) const {
  return std::any_of(links_.begin(), links_.end(),
                     [a](const auto& link) { return link.get() == a; });
}

AnonVma::AnonVma(AnonVma* parent, Slab::Charge charge)
    : charge_(std::move(charge)), parent_(parent) {
  if (parent_ != nullptr) {
    ++parent_->children_;
  }
}

AnonVma::~AnonVma() {
  if (parent_ != nullptr) {
    --parent_->children_;
  }
}

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
    FL_ASSIGN(auto fresh, NewHandle(vma.mm->system().slab(), nullptr, nullptr));
    if (vma.anon_vma == nullptr) {  // nobody was quicker
      vma.anon_vma = std::move(fresh);
    }
  }
  return kDone;
}

ErrnoOr<Done> ForkAnonVma(Vma& child, const Vma& parent) {
  child.anon_vma = nullptr;
  if (parent.anon_vma != nullptr) {
    FL_ASSIGN(child.anon_vma,
              NewHandle(parent.mm->system().slab(), parent.anon_vma->chain(),
                        parent.anon_vma.get()));
  }
  return kDone;
}

}  // namespace faultline::mm
