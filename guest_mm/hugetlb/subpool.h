#ifndef FAULTLINE_GUEST_MM_HUGETLB_SUBPOOL_H_
#define FAULTLINE_GUEST_MM_HUGETLB_SUBPOOL_H_

// HugePageSubpool: what one mounted hugetlbfs may use of a pool (size=) and
// has reserved for itself (min_size=). Linux: struct hugepage_subpool.
// Units: huge pages.

#include <cstdint>
#include <memory>
#include <optional>

#include "guest_mm/base/errno.h"
#include "guest_mm/hugetlb/huge_page_pool.h"

namespace faultline::mm {

class HugePageSubpool {
 public:
  struct Limits {
    std::optional<uint64_t> max;
    std::optional<uint64_t> min;
  };
  // Reserves the minimum. kENOMEM.
  static ErrnoOr<std::shared_ptr<HugePageSubpool>> Create(HugePagePool& pool,
                                                          const Limits& limits);
  // Gives the minimum back. No file of it is left.
  ~HugePageSubpool();
  HugePageSubpool(const HugePageSubpool&) = delete;
  HugePageSubpool& operator=(const HugePageSubpool&) = delete;

  // `pages` more are used or reserved. Returns for how many of them the pool
  // must be asked: the rest comes out of the minimum. kENOMEM: too many.
  ErrnoOr<uint64_t> Get(uint64_t pages);
  // `pages` fewer. Returns how many the pool is to have back: the rest fills up
  // the minimum.
  uint64_t Put(uint64_t pages);

  // A Get() of `pages` came to nothing: the pool did not have the `of_pool`
  // asked of it. Returns how many of the rest go to the pool, as others have
  // filled up the minimum.
  uint64_t Cancel(uint64_t pages, uint64_t of_pool);

  const Limits& limits() const { return limits_; }
  uint64_t used() const { return used_; }

 private:
  HugePageSubpool(HugePagePool& pool, const Limits& limits)
      : pool_(pool), limits_(limits), reserved_(limits.min.value_or(0)) {}

  // Of `pages`, as many as the minimum lacks; returns how many.
  uint64_t FillUp(uint64_t pages);

  HugePagePool& pool_;
  Limits limits_;
  uint64_t used_ = 0;      // counted if there is a maximum
  uint64_t reserved_ = 0;  // of the minimum: not used yet
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_SUBPOOL_H_
