#include "plugin/linux/ipc/guest_bytes.h"

#include <algorithm>
#include <utility>

#include "guest_mm/phys/phys_mem.h"

namespace faultline::os {

ErrnoOr<GuestBytes> GuestBytes::CopyIn(mm::PhysMem& phys, IovIter& from,
                                       size_t size) {
  GuestBytes bytes(phys);
  const size_t page = size_t(phys.page_shift().bytes());
  while (bytes.size_ < size) {
    FL_ASSIGN(const mm::Pfn pfn, phys.Allocate(mm::AllocPurpose::kKernel));
    bytes.pages_.push_back(pfn);
    const size_t n = std::min(page, size - bytes.size_);
    if (from.CopyFrom(absl::MakeSpan(phys.Data(pfn), n)) < n) {
      return Errno::kEFAULT;
    }
    bytes.size_ += n;
  }
  return bytes;
}

GuestBytes::~GuestBytes() {
  for (mm::Pfn pfn : pages_) {
    phys_->Put(pfn);
  }
}

GuestBytes::GuestBytes(GuestBytes&& o) noexcept
    : phys_(o.phys_),
      pages_(std::exchange(o.pages_, {})),
      size_(std::exchange(o.size_, 0)) {}

GuestBytes& GuestBytes::operator=(GuestBytes&& o) noexcept {
  std::swap(phys_, o.phys_);
  std::swap(pages_, o.pages_);
  std::swap(size_, o.size_);
  return *this;
}

size_t GuestBytes::CopyOut(size_t offset, size_t n, IovIter& to) const {
  const size_t page = size_t(phys_->page_shift().bytes());
  size_t done = 0;
  while (done < n) {
    const size_t at = offset + done;
    const size_t piece = std::min(page - at % page, n - done);
    const std::byte* from = phys_->Data(pages_[at / page]) + at % page;
    const size_t copied = to.CopyTo(absl::MakeConstSpan(from, piece));
    done += copied;
    if (copied < piece) {
      break;
    }
  }
  return done;
}

}  // namespace faultline::os
