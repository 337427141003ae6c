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
                      links * AnonVmaChain::kLinkBytes));
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
                                VmaFlags(VmaFlag::kExec) | VmaFlag::kSoftDirty |
                                VmaFlag::kMaybeGuard;
  return lower.range.end == upper.range.start && lower.file == upper.file &&
         lower.zero_device == upper.zero_device &&
         lower.flags.without(kIgnored) == upper.flags.without(kIgnored) &&
         upper.pgoff == lower.pgoff + lower.range.Pages(shift).value();
}

// The neighbour's, unless fork has made it a family's.
std::shared_ptr<AnonVma> Reusable(const Vma& neighbour) {
  return neighbour.anon_vma != nullptr && !neighbour.anon_vma->inherited()
             ? neighbour.anon_vma
             : nullptr;
}

// find_mergeable_anon_vma().
std::shared_ptr<AnonVma> NeighboursAnonVma(const Vma& vma) {
  const VmaSet& set = vma.mm->vmas();
  const PageShift shift = vma.mm->page_shift();
  std::shared_ptr<AnonVma> found;
  const Vma* next = set.Next(vma);
  if (next != nullptr && Compatible(vma, *next, shift)) {
    found = Reusable(*next);
  }
  const Vma* prev = set.Prev(vma);
  if (found == nullptr && prev != nullptr && Compatible(*prev, vma, shift)) {
    found = Reusable(*prev);
  }
  return found;
}

}  // namespace

AnonVmaChain::AnonVmaChain(const AnonVmaChain* inherited, Slab::Charge charge)
    : charge_(std::move(charge)) {
  if (inherited != nullptr) {
    links_.reserve(inherited->links_.size() + 1);
    for (const Link& link : inherited->links_) {
      Add(link.to);
    }
  }
}

void AnonVmaChain::Add(std::shared_ptr<AnonVma> to) {
  std::list<AnonVmaChain*>& chains = to->chains_;
  const auto place = chains.insert(chains.end(), this);
  links_.push_back({std::move(to), place});
}

// unlink_anon_vmas(). Children go first: they count themselves off.
AnonVmaChain::~AnonVmaChain() {
  FL_CHECK(vmas_.empty());
  if (own_ != nullptr) {
    own_->chain_ = nullptr;
  }
  while (!links_.empty()) {
    links_.back().to->chains_.erase(links_.back().place);
    links_.pop_back();
  }
}

void AnonVmaChain::Use(AnonVma& own) {
  FL_DCHECK(own_ == nullptr && own.chain_ == nullptr && Contains(&own));
  own_ = &own;
  own.chain_ = this;
}

void AnonVmaChain::Append(std::shared_ptr<AnonVma> own) {
  Add(std::move(own));
  Use(*links_.back().to);
}

AnonVma* AnonVmaChain::Reusable() const {
  const auto it =
      std::find_if(links_.begin(), links_.end(), [](const Link& link) {
        return link.to->inherited() && link.to->chain_ == nullptr &&
               link.to->children_ <= kMostChildrenToReuse;
      });
  return it == links_.end() ? nullptr : it->to.get();
}

bool AnonVmaChain::Contains(const AnonVma* a) const {
  return std::any_of(links_.begin(), links_.end(),
                     [a](const Link& link) { return link.to.get() == a; });
}

void AnonVmaChain::Validate() const {
  for (const Link& link : links_) {
    FL_CHECK(*link.place == this && link.to->root_ == links_[0].to->root_);
    FL_CHECK(std::count(link.to->chains_.begin(), link.to->chains_.end(),
                        this) == 1);
  }
  for (const auto& [key, vma] : vmas_) {
    FL_CHECK(key == VmaKey(vma->pgoff, vma->range.start));
    FL_CHECK(vma->anon_vma.get() == own_ && vma->filed());
  }
}

AnonVma::AnonVma(AnonVma* parent, Slab::Charge charge)
    : charge_(std::move(charge)),
      parent_(parent),
      root_(parent != nullptr ? parent->root_ : this) {
  if (parent_ != nullptr) {
    ++parent_->children_;
  }
}

AnonVma::~AnonVma() {
  FL_CHECK(chains_.empty());
  if (parent_ != nullptr) {
    --parent_->children_;
  }
}

std::shared_ptr<AnonVma> AnonVma::Hold() {
  if (chains_.empty()) {
    return nullptr;
  }
  return std::shared_ptr<AnonVma>(chains_.front()->shared_from_this(), this);
}

void AnonVma::Link(Vma& vma) {
  FL_DCHECK(vma.links_.chain == nullptr);
  if (vma.anon_vma != nullptr) {
    AnonVmaChain* const chain = vma.anon_vma->chain_;
    chain->vmas_.emplace(AnonVmaChain::VmaKey(vma.pgoff, vma.range.start),
                         &vma);
    vma.links_.chain = chain;
  }
}

void AnonVma::Unlink(Vma& vma) {
  if (AnonVmaChain* const chain = std::exchange(vma.links_.chain, nullptr)) {
    const size_t gone =
        chain->vmas_.erase(AnonVmaChain::VmaKey(vma.pgoff, vma.range.start));
    FL_CHECK(gone == 1);
  }
}

ErrnoOr<Done> PrepareAnonVma(Vma& vma) {
  if (vma.anon_vma != nullptr) {
    return kDone;
  }
  std::shared_ptr<AnonVma> found = NeighboursAnonVma(vma);
  if (found == nullptr) {
    FL_ASSIGN(found, NewHandle(vma.mm->system().slab(), nullptr, nullptr));
  }
  WriteGuard guard(found->lock());
  if (vma.anon_vma == nullptr) {  // nobody was quicker
    NoteWrite(&vma);
    vma.anon_vma = found;
    AnonVma::Link(vma);
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
