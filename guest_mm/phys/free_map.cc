#include "guest_mm/phys/free_map.h"

#include <cstdlib>

#include "guest_mm/base/check.h"

namespace faultline::mm {

FreeMap::FreeMap(uint64_t size) {
  do {
    size = size / 64 + (size % 64 != 0 ? 1 : 0);
    auto* words = static_cast<uint64_t*>(
        std::calloc(size == 0 ? 1 : size, sizeof(uint64_t)));
    FL_CHECK(words != nullptr);
    levels_.emplace_back(words);
  } while (size > 1);
}

void FreeMap::Free::operator()(uint64_t* p) const { std::free(p); }

}  // namespace faultline::mm
