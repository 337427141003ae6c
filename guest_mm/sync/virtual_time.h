#ifndef FAULTLINE_GUEST_MM_SYNC_VIRTUAL_TIME_H_
#define FAULTLINE_GUEST_MM_SYNC_VIRTUAL_TIME_H_

// Virtual time, in nanoseconds since the machine was switched on. It advances
// by what was executed (blocks, faults, calls) and, when every actor sleeps,
// by a jump to the next timer. The host's clock plays no part.

#include <compare>
#include <cstdint>

namespace faultline::mm {

class VirtualTime {
 public:
  constexpr VirtualTime() = default;
  explicit constexpr VirtualTime(uint64_t ns) : ns_(ns) {}
  static constexpr VirtualTime Never() { return VirtualTime(~uint64_t{0}); }
  constexpr uint64_t ns() const { return ns_; }
  // Saturates at Never().
  friend constexpr VirtualTime operator+(VirtualTime t, uint64_t ns) {
    return t.ns_ > ~uint64_t{0} - ns ? Never() : VirtualTime(t.ns_ + ns);
  }
  friend constexpr uint64_t operator-(VirtualTime a, VirtualTime b) {
    return a.ns_ - b.ns_;
  }
  friend constexpr auto operator<=>(VirtualTime, VirtualTime) = default;

 private:
  uint64_t ns_ = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_VIRTUAL_TIME_H_
