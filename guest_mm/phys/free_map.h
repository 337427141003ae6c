#ifndef FAULTLINE_GUEST_MM_PHYS_FREE_MAP_H_
#define FAULTLINE_GUEST_MM_PHYS_FREE_MAP_H_

// FreeMap: the set of free blocks of one order, as bits with summaries of 64
// above them: every operation touches at most one word a level (four levels
// for 16 million blocks). The lowest member is found first, so allocation is
// the same in every run and packs a small guest into few host huge pages.

#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

namespace faultline::mm {

class FreeMap {
 public:
  // Members are 0 .. size-1. Costs no memory until blocks are inserted.
  explicit FreeMap(uint64_t size);

  bool empty() const { return levels_.back()[0] == 0; }
  uint64_t count() const { return count_; }
  bool Contains(uint64_t i) const {
    return (levels_[0][i / 64] >> (i % 64) & 1) != 0;
  }
  // The lowest member. Precondition: not empty.
  uint64_t First() const {
    uint64_t i = 0;
    for (size_t level = levels_.size(); level-- > 0;) {
      i = i * 64 + uint64_t(std::countr_zero(levels_[level][i]));
    }
    return i;
  }
  // Precondition: not a member.
  void Insert(uint64_t i) {
    ++count_;
    for (std::vector<uint64_t>& words : levels_) {
      uint64_t& word = words[i / 64];
      const bool was_empty = word == 0;
      word |= uint64_t{1} << (i % 64);
      if (!was_empty) {
        return;
      }
      i /= 64;
    }
  }
  // Precondition: a member.
  void Erase(uint64_t i) {
    --count_;
    for (std::vector<uint64_t>& words : levels_) {
      uint64_t& word = words[i / 64];
      word &= ~(uint64_t{1} << (i % 64));
      if (word != 0) {
        return;
      }
      i /= 64;
    }
  }

 private:
  std::vector<std::vector<uint64_t>>
      levels_;  // [0]: one bit a block; back(): one word
  uint64_t count_ = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_FREE_MAP_H_
