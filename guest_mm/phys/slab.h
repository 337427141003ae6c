#ifndef FAULTLINE_GUEST_MM_PHYS_SLAB_H_
#define FAULTLINE_GUEST_MM_PHYS_SLAB_H_

// Slab: what the guest's kernel keeps for its own use, paid for in frames.
// Linux: mm/slub.c, as far as what it costs.
//
// The objects (open files, names, queued messages) are ours and lie in the
// host's memory. Each charges about what it takes there, and for every page's
// worth of charges a frame of the guest's is taken: a guest that makes kernel
// objects without end runs out of its own memory, and the host notices nothing.

#include <cstddef>
#include <memory>
#include <vector>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/sync/inject.h"

namespace faultline::mm {

class PhysMem;

// failslab.
inline constexpr FailSite kSlabSite{
    "slab", "an object of the kernel's: a VMA, an open file, a message"};

class Slab : public std::enable_shared_from_this<Slab> {
 public:
  // What one object has paid; gives it back at its end. It may outlive
  // everything but PhysMem.
  class Charge {
   public:
    Charge() = default;
    ~Charge();
    Charge(Charge&& o) noexcept;
    Charge& operator=(Charge&& o) noexcept;
    size_t bytes() const { return bytes_; }

   private:
    friend class Slab;
    Charge(std::shared_ptr<Slab> slab, size_t bytes)
        : slab_(std::move(slab)), bytes_(bytes) {}
    std::shared_ptr<Slab> slab_;
    size_t bytes_ = 0;
  };

  // `phys` outlives it and every charge.
  static std::shared_ptr<Slab> Create(PhysMem& phys);
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // kENOMEM: the machine has no frame left for it, or "slab" is made to fail;
  // nothing is charged. A schedule point if it takes a frame.
  ErrnoOr<Charge> Take(size_t bytes);

  size_t charged() const { return charged_; }
  PageCount frames() const { return PageCount(frames_.size()); }

 private:
  explicit Slab(PhysMem& phys) : phys_(phys) {}
  void Release(size_t bytes);
  // Gives back what is not needed, but for `spare` frames.
  void Shrink(size_t spare);
  size_t needed() const;

  PhysMem& phys_;
  size_t charged_ = 0;
  // Invariant: at least needed(), except within Take().
  std::vector<Pfn> frames_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_SLAB_H_
