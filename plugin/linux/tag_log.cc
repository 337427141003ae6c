#include "plugin/linux/tag_log.h"

#include "guest_mm/phys/frame_tags.h"

namespace faultline::os {
namespace {

constexpr uint64_t kMask = ~(mm::FrameTags::kGranule - 1);

}  // namespace

void TagLog::Note(const Entry& entry) {
  if (ring_.size() < kMost) {
    ring_.push_back(entry);
  } else {
    ring_[next_] = entry;
  }
  next_ = (next_ + 1) % kMost;
}

std::optional<TagLog::Entry> TagLog::Last(mm::PhysAddr a) const {
  for (size_t i = 1; i <= ring_.size(); ++i) {
    const Entry& e = ring_[(next_ + ring_.size() - i) % ring_.size()];
    if (e.granule.value() == (a.value() & kMask)) {
      return e;
    }
  }
  return std::nullopt;
}

}  // namespace faultline::os
