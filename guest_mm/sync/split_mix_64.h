#ifndef FAULTLINE_GUEST_MM_SYNC_SPLIT_MIX_64_H_
#define FAULTLINE_GUEST_MM_SYNC_SPLIT_MIX_64_H_

#include <cstdint>

namespace faultline::mm {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators"): the same numbers from the same seed on every machine.
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // Less than `n`, which is at most 2^32: the high half of a product, uniform
  // to within one part in 2^32 / n, which std::uniform_int_distribution is not
  // on every machine.
  uint64_t Below(uint64_t n) { return (Next() >> 32) * n >> 32; }

 private:
  uint64_t state_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_SPLIT_MIX_64_H_
