#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_FAILING_ALLOCATIONS_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_FAILING_ALLOCATIONS_H_

// FailingAllocations: while it lives, each allocation of frames fails for which
// `fails` (null: none) says so. No other site does.

#include <functional>
#include <utility>

#include "guest_mm/phys/frame.h"
#include "guest_mm/sync/inject.h"

namespace faultline::mm {

class FailingAllocations : public FailureSource {
 public:
  explicit FailingAllocations(std::function<bool(AllocPurpose)> fails)
      : fails_(std::move(fails)), installed_(this) {}

 private:
  bool ShouldFail(const FailSite& site, uint64_t) override {
    for (int i = 0; i < kAllocPurposes; ++i) {
      if (&site == &SiteOf(AllocPurpose(i))) {
        return fails_ != nullptr && fails_(AllocPurpose(i));
      }
    }
    return false;
  }

  std::function<bool(AllocPurpose)> fails_;
  ScopedFailures installed_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_FAILING_ALLOCATIONS_H_
