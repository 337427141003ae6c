#include "plugin/linux/tag_log.h"

#include "guest_mm/phys/frame_tags.h"

namespace faultline::os {
namespace {

constexpr uint64_t kMask = ~(mm::FrameTags::kGranule - 1);

}  // namespace

std::string_view Name(TagLog::By by) {
  constexpr std::string_view kNames[] = {"store", "ptrace", "inject"};
  return kNames[size_t(by)];
}

void TagLog::Note(const Entry& entry) {
  if (trace_.on(mm::TraceKind::kTag)) {
    const mm::TraceField fields[] = {
        mm::TraceField::Dec("tid", uint64_t(entry.tid)),
        mm::TraceField::Hex("address", entry.address.value()),
        mm::TraceField::Dec("from", entry.before),
        mm::TraceField::Dec("to", entry.tag),
        mm::TraceField::Hex("pc", entry.pc)};
    trace_.Emit(mm::TraceKind::kTag, Name(entry.by), fields);
  }
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
