#include "guest_mm/hugetlb/region_map.h"

#include <algorithm>

namespace faultline::mm {

uint64_t RegionMap::Count(uint64_t from, uint64_t to) const {
  uint64_t count = 0;
  auto it = ends_.upper_bound(from);
  if (it != ends_.begin()) {
    --it;
  }
  for (; it != ends_.end() && it->first < to; ++it) {
    const uint64_t start = std::max(from, it->first);
    const uint64_t end = std::min(to, it->second);
    count += end > start ? end - start : 0;
  }
  return count;
}

uint64_t RegionMap::Add(uint64_t from, uint64_t to) {
  const uint64_t added = Missing(from, to);
  if (from >= to) {
    return 0;
  }
  auto it = ends_.upper_bound(from);
  if (it != ends_.begin() && std::prev(it)->second >= from) {
    --it;
  }
  while (it != ends_.end() && it->first <= to) {  // swallow what it touches
    from = std::min(from, it->first);
    to = std::max(to, it->second);
    it = ends_.erase(it);
  }
  ends_.emplace(from, to);
  return added;
}

uint64_t RegionMap::Remove(uint64_t from, uint64_t to) {
  const uint64_t removed = Count(from, to);
  auto it = ends_.upper_bound(from);
  if (it != ends_.begin()) {
    --it;
  }
  while (it != ends_.end() && it->first < to) {
    const auto [start, end] = *it;
    if (end <= from) {
      ++it;
      continue;
    }
    it = ends_.erase(it);
    if (start < from) {
      ends_.emplace(start, from);
    }
    if (end > to) {
      ends_.emplace(to, end);
    }
  }
  return removed;
}

}  // namespace faultline::mm
