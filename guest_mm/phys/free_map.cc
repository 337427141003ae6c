#include "guest_mm/phys/free_map.h"

#include <algorithm>

namespace faultline::mm {

FreeMap::FreeMap(uint64_t size) {
  do {
    size = size / 64 + (size % 64 != 0 ? 1 : 0);
    levels_.emplace_back(std::max<uint64_t>(size, 1));
  } while (size > 1);
}

}  // namespace faultline::mm
