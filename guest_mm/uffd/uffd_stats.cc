#include "guest_mm/uffd/uffd_stats.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace faultline::mm {

void UffdStats::Registered(uint64_t uffd, uint64_t mm, GuestRange range) {
  if (!enabled_) {
    return;
  }
  const bool known = std::any_of(
      ranges_.begin(), ranges_.end(),
      [&](const Range& r) { return r.uffd == uffd && r.range == range; });
  if (!known && ranges_.size() < kMost) {
    const bool has_rest = !ranges_.empty() && ranges_.back().range.empty();
    Range r;
    r.uffd = uffd;
    r.mm = mm;
    r.range = range;
    ranges_.insert(ranges_.end() - (has_rest ? 1 : 0), std::move(r));
  }
}

// The one registered last, as a range may be registered by parts.
UffdStats::Range& UffdStats::RangeOf(uint64_t uffd, GuestAddr a) {
  const auto it = std::find_if(
      ranges_.rbegin(), ranges_.rend(),
      [&](const Range& r) { return r.uffd == uffd && r.range.Contains(a); });
  if (it != ranges_.rend()) {
    return *it;
  }
  if (ranges_.empty() || !ranges_.back().range.empty()) {
    ranges_.emplace_back();
  }
  return ranges_.back();
}

void UffdStats::Faulted(uint64_t uffd, GuestAddr a, Kind kind) {
  if (enabled_) {
    ++RangeOf(uffd, a).faults[size_t(kind)];
  }
}

void UffdStats::Waited(uint64_t uffd, GuestAddr a, uint64_t ns) {
  if (!enabled_) {
    return;
  }
  Range& r = RangeOf(uffd, a);
  const uint64_t us = ns / 1000;
  const size_t bucket = us == 0 ? 0 : size_t(std::bit_width(us) - 1);
  ++r.waits[std::min(bucket, kBuckets - 1)];
  r.longest_ns = std::max(r.longest_ns, ns);
  r.waited_ns += ns;
}

void UffdStats::Called(uint64_t uffd, UffdIoctl what, GuestRange range,
                       uint64_t bytes, Errno error) {
  if (!enabled_) {
    return;
  }
  Ioctl& i = RangeOf(uffd, range.start).ioctls[what];
  ++i.calls;
  i.bytes += bytes;
  if (error != Errno::kOk) {
    ++i.errors[error];
  }
}

}  // namespace faultline::mm
