#include "guest_mm/phys/buddy.h"

#include <algorithm>
#include <bit>

#include "guest_mm/base/check.h"

namespace faultline::mm {

Buddy::Buddy(uint64_t frames, int max_order) {
  maps_.reserve(size_t(max_order) + 1);
  for (int order = 0; order <= max_order; ++order) {
    // One more than fits: a buddy just beyond the end is looked up, too.
    maps_.emplace_back((frames >> order) + 2);
  }
  for (uint64_t at = 0; at < frames;) {
    const int fits = int(std::bit_width(frames - at)) - 1;
    const int aligned = at == 0 ? max_order : std::countr_zero(at);
    const int order = std::min({fits, aligned, max_order});
    Insert(at >> order, order);
    at += uint64_t{1} << order;
  }
}

std::optional<Pfn> Buddy::Take(int order) {
  const uint32_t big_enough = orders_ >> order << order;
  if (big_enough == 0) {
    return std::nullopt;
  }
  int have = std::countr_zero(big_enough);
  uint64_t block = maps_[size_t(have)].First();
  Erase(block, have);
  while (have > order) {  // keep the lower half, give the upper one back
    --have;
    block *= 2;
    Insert(block + 1, have);
  }
  return Pfn(block << order);
}

std::optional<Buddy::Block> Buddy::BlockOf(Pfn pfn) const {
  for (int order = 0; order <= max_order(); ++order) {
    const Pfn head(pfn.value() >> order << order);
    if (HasBlock(head, order)) {
      return Block{head, order};
    }
  }
  return std::nullopt;
}

bool Buddy::TakeFrame(Pfn pfn) {
  const std::optional<Block> block = BlockOf(pfn);
  if (!block.has_value()) {
    return false;
  }
  Erase(block->head.value() >> block->order, block->order);
  for (int order = block->order; order-- > 0;) {
    Insert((pfn.value() >> order) ^ 1, order);  // the half without `pfn`
  }
  return true;
}

void Buddy::Give(Pfn head, int order) {
  uint64_t block = head.value() >> order;
  FL_DCHECK(!BlockOf(head).has_value());
  while (order < max_order() && maps_[size_t(order)].Contains(block ^ 1)) {
    Erase(block ^ 1, order);
    block >>= 1;
    ++order;
  }
  Insert(block, order);
}

}  // namespace faultline::mm
