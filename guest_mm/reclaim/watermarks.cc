#include "guest_mm/reclaim/watermarks.h"

#include <algorithm>

namespace faultline::mm {
namespace {

constexpr uint64_t kLeastKbytes = 128;
constexpr uint64_t kMostKbytes = 262144;
constexpr uint64_t kScaleFactor = 10;  // of 10,000

// int_sqrt().
uint64_t SquareRoot(uint64_t n) {
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= n) {
      root += bit;
    }
  }
  return root;
}

}  // namespace

uint64_t DefaultMinFreeKbytes(PageCount managed, PageShift shift) {
  const uint64_t kbytes = managed.in_bytes(shift) >> 10;
  return std::clamp(SquareRoot(kbytes * 16), kLeastKbytes, kMostKbytes);
}

Watermarks WatermarksFor(uint64_t min_free_kbytes, PageCount managed,
                         PageShift shift) {
  const uint64_t min = min_free_kbytes >> (shift.value() - 10);
  const uint64_t step =
      std::max(min / 4, managed.value() * kScaleFactor / 10'000);
  return {PageCount(min), PageCount(min + step), PageCount(min + 2 * step)};
}

}  // namespace faultline::mm
