#include "guest_mm/hugetlb/subpool.h"

#include <algorithm>

namespace faultline::mm {

ErrnoOr<std::shared_ptr<HugePageSubpool>> HugePageSubpool::Create(
    HugePagePool& pool, const Limits& limits) {
  FL_TRY(pool.Reserve(limits.min.value_or(0)));
  return std::shared_ptr<HugePageSubpool>(new HugePageSubpool(pool, limits));
}

HugePageSubpool::~HugePageSubpool() { pool_.Unreserve(reserved_); }

ErrnoOr<uint64_t> HugePageSubpool::Get(uint64_t pages) {
  if (limits_.max.has_value()) {
    if (pages > *limits_.max || used_ > *limits_.max - pages) {
      return Errno::kENOMEM;
    }
    used_ += pages;
  }
  const uint64_t own = std::min(pages, reserved_);
  reserved_ -= own;
  return pages - own;
}

uint64_t HugePageSubpool::Put(uint64_t pages) {
  if (limits_.max.has_value()) {
    used_ -= pages;
  }
  if (!limits_.min.has_value() || used_ >= *limits_.min) {
    return pages;
  }
  return pages - FillUp(pages);
}

uint64_t HugePageSubpool::Cancel(uint64_t pages, uint64_t of_pool) {
  if (limits_.max.has_value()) {
    used_ -= pages;
  }
  return pages - of_pool - FillUp(pages - of_pool);
}

uint64_t HugePageSubpool::FillUp(uint64_t pages) {
  const uint64_t kept = std::min(pages, limits_.min.value_or(0) - reserved_);
  reserved_ += kept;
  return kept;
}

}  // namespace faultline::mm
