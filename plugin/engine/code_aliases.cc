#include "plugin/engine/code_aliases.h"

#include <algorithm>

namespace faultline::engine {

uint32_t CodeAliases::Fold(uint64_t page) {
  return uint32_t(page >> 12 ^ page >> 44) | 1u << 31;
}

void CodeAliases::Forget() {
  fetched_.clear();
  if (++epoch_ == 0) {
    std::fill(stored_.begin(), stored_.end(), Stored());
    epoch_ = 1;
  }
}

bool CodeAliases::AddFetch(mm::Pfn frame, uint64_t page) {
  const Stored& stored = stored_[frame.value()];
  const uint32_t here = Fold(page);
  if (stored.epoch == epoch_ && stored.page != here) {
    return false;
  }
  auto [it, added] = fetched_.try_emplace(frame.value(), here);
  if (!added && it->second != here) {
    it->second = kMany;
  }
  return true;
}

bool CodeAliases::AddStore(mm::Pfn frame, uint64_t page) {
  const uint32_t here = Fold(page);
  if (!fetched_.empty()) {
    auto it = fetched_.find(frame.value());
    if (it != fetched_.end() && it->second != here) {
      return false;
    }
  }
  Stored& stored = stored_[frame.value()];
  stored.page = stored.epoch == epoch_ && stored.page != here ? kMany : here;
  stored.epoch = epoch_;
  return true;
}

}  // namespace faultline::engine
