#ifndef FAULTLINE_TESTS_GUEST_MM_GUP_GUP_FIXTURE_H_
#define FAULTLINE_TESTS_GUEST_MM_GUP_GUP_FIXTURE_H_

// GupTest: pages held and let go of by their numbers. What is still held when
// the test ends is let go of then.

#include <utility>
#include <vector>

#include "guest_mm/gup/gup.h"
#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {

class GupTest : public SwapTest {
 protected:
  static constexpr GupFlags kGetToRead{};
  static constexpr GupFlags kPinToRead{.grab = Grab::kPin};
  static constexpr GupFlags kPinToWrite{.grab = Grab::kPin, .write = true};

  ~GupTest() override { ReleaseAll(); }

  // Of pages of `mm_`, unless another space is named; how many were held.
  ErrnoOr<uint64_t> Hold(uint64_t page, uint64_t n, const GupFlags& flags) {
    return Hold(mm_, page, n, flags);
  }
  ErrnoOr<uint64_t> Hold(AddressSpace& mm, uint64_t page, uint64_t n,
                         const GupFlags& flags) {
    std::vector<Pfn> pages;
    const ErrnoOr<uint64_t> got = GetUserPages(mm, At(page), n, flags, &pages);
    Keep(pages, flags.grab);
    machine_.ValidateStep();
    return got;
  }
  void Keep(const std::vector<Pfn>& pages, Grab how) {
    for (const Pfn pfn : pages) {
      held_.emplace_back(pfn, how);
      Count(pfn, how, +1);
    }
  }
  Pfn Held(size_t i) const { return held_[i].first; }
  size_t held() const { return held_.size(); }
  void ReleaseAll() {
    for (const auto& [pfn, how] : std::exchange(held_, {})) {
      Count(pfn, how, -1);
      ReleasePage(machine_.system(), pfn, how);
    }
  }
  std::byte* BytesHeld(size_t i) { return machine_.phys().Data(Held(i)); }

 private:
  void Count(Pfn pfn, Grab how, int sign) {
    if (machine_.phys().folio(pfn).use == FrameUse::kAnon) {
      machine_.CountHeld(sign * (how == Grab::kPin ? kPinBias : 1));
    }
  }

  std::vector<std::pair<Pfn, Grab>> held_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_GUP_GUP_FIXTURE_H_
