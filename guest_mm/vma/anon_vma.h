#ifndef FAULTLINE_GUEST_MM_VMA_ANON_VMA_H_
#define FAULTLINE_GUEST_MM_VMA_ANON_VMA_H_

// AnonVma: what anonymous pages hang from, shared by the VMAs that were once
// one. Linux: struct anon_vma and the anon_vma_chain (mm/rmap.c).
//
// Life: the first anonymous fault of a VMA gives it one, or borrows that of a
// neighbour it could be merged with; splitting and moving a VMA share it; fork
// gives the child another. A frame points to the AnonVma of the VMA that
// faulted it in. The child maps its ancestors' pages too, so a VMA keeps not
// only its own AnonVma but a chain: all that its pages may point to.
//
// Without more, a daemon that forks and exits for ever would get an ever
// longer chain. So fork hands on one of the chain that no VMA calls its own
// any more, if there is such a one: a chain is no longer than the tree of
// living processes is deep and wide.
//
// The way back, from a page to the entries that map it (rmap/rmap_walk.h):
// a page's AnonVma knows the chains that it is in, and a chain the VMAs that
// hold it. One lock guards the lists of a whole family, as in Linux
// (anon_vma->root->rwsem): who links or unlinks a VMA or changes the range of
// a linked one holds it for writing (VmaSet does).

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/phys/slab.h"
#include "guest_mm/sync/lock.h"

namespace faultline::mm {

class AnonVma;
class Vma;

inline constexpr LockClass kAnonVmaLock{
    "anon_vma", {"anon_vma.locked"}, {"anon_vma.unlocked"}, 55};

// The AnonVmas that the pages of some VMAs may point to, and which is theirs.
// Made by the functions below; a VMA holds it through Vma::anon_vma.
class AnonVmaChain : public std::enable_shared_from_this<AnonVmaChain> {
 public:
  // Goes on where `inherited` ends, if that is not null. Use() or Append() must
  // follow.
  AnonVmaChain(const AnonVmaChain* inherited, Slab::Charge charge);
  ~AnonVmaChain();
  AnonVmaChain(const AnonVmaChain&) = delete;
  AnonVmaChain& operator=(const AnonVmaChain&) = delete;

  // Makes `own`, which is in the chain and in no VMA's use, the one in use.
  void Use(AnonVma& own);
  // Ends the chain with a new one and uses it.
  void Append(std::shared_ptr<AnonVma> own);
  // One that may be used again, or null: no VMA's own, with one child at most,
  // not a root. Linux: anon_vma_clone().
  AnonVma* Reusable() const;

  bool Contains(const AnonVma* a) const;
  size_t size() const { return links_.size(); }

  // The linked VMAs that hold it, all of one address space, by the first page
  // that they map and their address. Guarded by the family's lock.
  using VmaKey = std::pair<uint64_t, GuestAddr>;
  const std::map<VmaKey, Vma*>& vmas() const { return vmas_; }

  // The AnonVmas know of the chain, the VMAs are under their own keys. Dies if
  // not.
  void Validate() const;

  // What the host needs for a link.
  static constexpr size_t kLinkBytes =
      sizeof(std::shared_ptr<AnonVma>) + 7 * sizeof(void*);

 private:
  friend class AnonVma;
  struct Link {
    std::shared_ptr<AnonVma> to;
    std::list<AnonVmaChain*>::iterator place;  // in its list of chains
  };
  void Add(std::shared_ptr<AnonVma> to);

  Slab::Charge charge_;
  AnonVma* own_ = nullptr;
  // Parents before children.
  absl::InlinedVector<Link, 1> links_;
  std::map<VmaKey, Vma*> vmas_;
};

class AnonVma {
 public:
  AnonVma() = default;
  // `parent` outlives it: who has it in his chain has the parent too.
  explicit AnonVma(AnonVma* parent, Slab::Charge charge = {});
  ~AnonVma();
  AnonVma(const AnonVma&) = delete;
  AnonVma& operator=(const AnonVma&) = delete;

  // What the parent process had at fork; null if not inherited.
  const AnonVma* parent() const { return parent_; }
  // The oldest ancestor, which is in the chain of all who descend from it.
  AnonVma* root() { return root_; }
  // Pages of ancestors may be mapped too: Linux's chain is not "singular", and
  // such a VMA does not take in neighbours that have no AnonVma yet.
  bool inherited() const { return parent_ != nullptr; }
  // That of the VMAs whose own it is; null if there are none.
  const AnonVmaChain* chain() const { return chain_; }

  // The family's.
  RwLock& lock() { return root_->lock_; }
  // Those it is in, parents' before their children's: fork adds at the end.
  const std::list<AnonVmaChain*>& chains() const { return chains_; }
  // Keeps it, and the lock, for as long as the result lives. Null if no VMA
  // can map its pages any more. No lock is needed, and no point is passed.
  std::shared_ptr<AnonVma> Hold();

  // Files `vma` with its chain, if it has one; takes it out, if it is filed.
  // lock() is held for writing.
  static void Link(Vma& vma);
  static void Unlink(Vma& vma);

 private:
  friend class AnonVmaChain;

  Slab::Charge charge_;
  AnonVma* const parent_ = nullptr;
  AnonVma* const root_ = this;
  size_t children_ = 0;
  AnonVmaChain* chain_ = nullptr;
  std::list<AnonVmaChain*> chains_;
  RwLock lock_{kAnonVmaLock};  // the root's is the family's
};

// Sees to it that `vma` has an AnonVma before its first anonymous page
// (anon_vma_prepare()), and is filed with it. mmap_lock for reading is enough;
// takes the AnonVma's lock. kENOMEM.
ErrnoOr<Done> PrepareAnonVma(Vma& vma);

// Gives the copy of `parent` that fork makes its own AnonVma, if `parent` has
// one (anon_vma_fork()). VmaSet::Insert() files it. kENOMEM: it has none then.
ErrnoOr<Done> ForkAnonVma(Vma& child, const Vma& parent);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_ANON_VMA_H_
