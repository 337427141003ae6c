#include "plugin/engine/code_aliases.h"

#include "guest_mm/base/check.h"

namespace faultline::engine {

CodeAliases::CodeAliases(mm::PageCount frames)
    : stored_(
          static_cast<Stored*>(std::calloc(frames.value(), sizeof(Stored)))) {
  FL_CHECK(stored_ != nullptr);
}

void CodeAliases::Forget() {
  fetched_.clear();
  ++epoch_;
}

bool CodeAliases::AddFetch(mm::Pfn frame, uint64_t page) {
  const Stored& stored = stored_[frame.value()];
  if (stored.epoch == epoch_ && stored.page != page) {
    return false;
  }
  fetched_.insert(frame.value());
  return true;
}

void CodeAliases::AddStore(mm::Pfn frame, uint64_t page) {
  Stored& stored = stored_[frame.value()];
  const bool elsewhere = stored.epoch == epoch_ && stored.page != page;
  stored = {elsewhere ? kMany : page, epoch_};
}

}  // namespace faultline::engine
