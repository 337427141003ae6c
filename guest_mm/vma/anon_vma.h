#ifndef FAULTLINE_GUEST_MM_VMA_ANON_VMA_H_
#define FAULTLINE_GUEST_MM_VMA_ANON_VMA_H_

// AnonVma: the root that anonymous pages hang from, shared by the VMAs that
// were once one. Linux: struct anon_vma and the anon_vma_chain (mm/rmap.c).
//
// Life: the first anonymous fault of a VMA gives it one, or borrows that of a
// neighbour it could be merged with; splitting and moving a VMA share it; fork
// gives the child a new one whose parent is the old. A frame points to the
// AnonVma of the VMA that faulted it in; every VMA that can still map the
// frame holds that AnonVma or a descendant, so the pointer stays good.

#include <memory>

#include "guest_mm/base/errno.h"

namespace faultline::mm {

class Vma;

class AnonVma {
 public:
  AnonVma() = default;
  explicit AnonVma(std::shared_ptr<AnonVma> parent)
      : parent_(std::move(parent)) {}
  AnonVma(const AnonVma&) = delete;
  AnonVma& operator=(const AnonVma&) = delete;

  // What the parent process had at fork; null if not inherited.
  const std::shared_ptr<AnonVma>& parent() const { return parent_; }
  // Pages of ancestors may be mapped too: Linux's chain is not "singular", and
  // such a VMA does not take in neighbours that have no AnonVma yet.
  bool inherited() const { return parent_ != nullptr; }

 private:
  std::shared_ptr<AnonVma> parent_;
};

// Sees to it that `vma` has an AnonVma before its first anonymous page
// (anon_vma_prepare()). mmap_lock for reading is enough.
ErrnoOr<Done> PrepareAnonVma(Vma& vma);

// Gives the copy of `parent` that fork makes its own AnonVma, if `parent` has
// one (anon_vma_fork()).
void ForkAnonVma(Vma& child, const Vma& parent);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_ANON_VMA_H_
