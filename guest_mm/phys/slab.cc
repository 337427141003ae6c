#include "guest_mm/phys/slab.h"

#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {
namespace {

// Kept when charges go, so that an object made and ended in turn at a page's
// edge does not take and free a frame each time.
constexpr size_t kSpareFrames = 1;

}  // namespace

Slab::Charge::~Charge() {
  if (slab_ != nullptr) {
    slab_->Release(bytes_);
  }
}

Slab::Charge::Charge(Charge&& o) noexcept
    : slab_(std::move(o.slab_)), bytes_(std::exchange(o.bytes_, 0)) {}

Slab::Charge& Slab::Charge::operator=(Charge&& o) noexcept {
  std::swap(slab_, o.slab_);
  std::swap(bytes_, o.bytes_);
  return *this;
}

std::shared_ptr<Slab> Slab::Create(PhysMem& phys) {
  return std::shared_ptr<Slab>(new Slab(phys));
}

Slab::~Slab() {
  FL_CHECK(charged_ == 0);  // each charge keeps it alive
  Shrink(0);
}

size_t Slab::needed() const {
  const size_t page = size_t(phys_.page_shift().bytes());
  return (charged_ + page - 1) / page;
}

void Slab::Shrink(size_t spare) {
  while (frames_.size() > needed() + spare) {
    phys_.Put(frames_.back());
    frames_.pop_back();
  }
}

ErrnoOr<Slab::Charge> Slab::Take(size_t bytes) {
  if (MayFail(kSlabSite)) {
    return Errno::kENOMEM;
  }
  // First, so that who comes in between pays for what it takes itself.
  charged_ += bytes;
  while (frames_.size() < needed()) {
    const ErrnoOr<Pfn> frame = phys_.Allocate(AllocPurpose::kKernel);
    if (!frame.ok()) {
      Release(bytes);
      return frame.error();
    }
    frames_.push_back(*frame);
  }
  return Charge(shared_from_this(), bytes);
}

void Slab::Release(size_t bytes) {
  FL_CHECK(bytes <= charged_);
  charged_ -= bytes;
  Shrink(kSpareFrames);
}

}  // namespace faultline::mm
