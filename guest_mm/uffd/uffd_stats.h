#ifndef FAULTLINE_GUEST_MM_UFFD_UFFD_STATS_H_
#define FAULTLINE_GUEST_MM_UFFD_UFFD_STATS_H_

// UffdStats: what happened to each range that was registered: faults by kind,
// resolutions by ioctl, errors by errno, and how long faults waited. Counted
// only once somebody asked (`faultline run --uffd-stats`).
//
// Units: bytes, virtual nanoseconds. A range is one UFFDIO_REGISTER of one
// userfaultfd; the same registered again is the same range. What belongs to
// none (memory that moved, ranges beyond the first kMost) goes to the last.

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/uffd/features.h"

namespace faultline::mm {

class UffdStats {
 public:
  // Programs may register as many as they like.
  static constexpr size_t kMost = 256;
  // Waits of [2^i, 2^(i+1)) microseconds, the first from 0, the last without
  // an end.
  static constexpr size_t kBuckets = 24;

  enum class Kind : uint8_t { kMissing, kWp, kMinor };
  struct Ioctl {
    uint64_t calls = 0;
    uint64_t bytes = 0;
    std::map<Errno, uint64_t> errors;
  };
  struct Range {
    uint64_t uffd = 0;  // UffdContext::id()
    uint64_t mm = 0;
    GuestRange range{};  // empty: all that belongs to no range
    std::array<uint64_t, 3> faults{};
    std::map<UffdIoctl, Ioctl> ioctls;
    std::array<uint64_t, kBuckets> waits{};
    uint64_t longest_ns = 0;
    uint64_t waited_ns = 0;
  };

  void Enable() { enabled_ = true; }
  bool enabled() const { return enabled_; }
  const std::vector<Range>& ranges() const { return ranges_; }

  void Registered(uint64_t uffd, uint64_t mm, GuestRange range);
  void Faulted(uint64_t uffd, GuestAddr a, Kind kind);
  void Waited(uint64_t uffd, GuestAddr a, uint64_t ns);
  // An ioctl about `range` did `bytes` of it; kOk or how it failed.
  void Called(uint64_t uffd, UffdIoctl what, GuestRange range, uint64_t bytes,
              Errno error);

 private:
  Range& RangeOf(uint64_t uffd, GuestAddr a);

  bool enabled_ = false;
  std::vector<Range> ranges_;  // in order of registration
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_UFFD_STATS_H_
