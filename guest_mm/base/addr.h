#ifndef FAULTLINE_GUEST_MM_BASE_ADDR_H_
#define FAULTLINE_GUEST_MM_BASE_ADDR_H_

// The units of guest memory, as types: addresses, frames, counts of pages.
// A page's size is a property of the machine (4, 16 or 64 KiB), not of the
// program, so whoever turns bytes into pages names the PageShift.
// Only arithmetic that means something compiles; value() leaves the type.

#include <compare>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "absl/strings/str_format.h"

namespace faultline::mm {

// log2 of the base page's size in bytes.
class PageShift {
 public:
  explicit constexpr PageShift(int shift) : shift_(shift) {}
  constexpr int value() const { return shift_; }
  constexpr uint64_t bytes() const { return uint64_t{1} << shift_; }
  constexpr uint64_t mask() const { return bytes() - 1; }
  friend constexpr auto operator<=>(PageShift, PageShift) = default;

 private:
  int shift_;
};

inline constexpr PageShift kPageShift4K{12};

// A number of base pages.
class PageCount {
 public:
  constexpr PageCount() = default;
  explicit constexpr PageCount(uint64_t n) : n_(n) {}
  // The pages that hold `bytes`, rounded up.
  static constexpr PageCount ToHold(uint64_t bytes, PageShift shift) {
    return PageCount((bytes >> shift.value()) +
                     ((bytes & shift.mask()) != 0 ? 1 : 0));
  }
  constexpr uint64_t value() const { return n_; }
  constexpr uint64_t in_bytes(PageShift shift) const {
    return n_ << shift.value();
  }
  constexpr PageCount& operator+=(PageCount o) {
    n_ += o.n_;
    return *this;
  }
  constexpr PageCount& operator-=(PageCount o) {
    n_ -= o.n_;
    return *this;
  }
  friend constexpr PageCount operator+(PageCount a, PageCount b) {
    return PageCount(a.n_ + b.n_);
  }
  friend constexpr PageCount operator-(PageCount a, PageCount b) {
    return PageCount(a.n_ - b.n_);
  }
  friend constexpr auto operator<=>(PageCount, PageCount) = default;

 private:
  uint64_t n_ = 0;
};

// A guest physical byte address.
class PhysAddr {
 public:
  constexpr PhysAddr() = default;
  explicit constexpr PhysAddr(uint64_t v) : v_(v) {}
  constexpr uint64_t value() const { return v_; }
  friend constexpr PhysAddr operator+(PhysAddr a, uint64_t bytes) {
    return PhysAddr(a.v_ + bytes);
  }
  friend constexpr auto operator<=>(PhysAddr, PhysAddr) = default;

 private:
  uint64_t v_ = 0;
};

// A page frame number: PhysAddr >> PageShift.
class Pfn {
 public:
  constexpr Pfn() = default;
  explicit constexpr Pfn(uint64_t v) : v_(v) {}
  constexpr uint64_t value() const { return v_; }
  constexpr PhysAddr ToPhys(PageShift shift) const {
    return PhysAddr(v_ << shift.value());
  }
  friend constexpr Pfn operator+(Pfn a, uint64_t n) { return Pfn(a.v_ + n); }
  friend constexpr Pfn operator-(Pfn a, uint64_t n) { return Pfn(a.v_ - n); }
  friend constexpr uint64_t operator-(Pfn a, Pfn b) { return a.v_ - b.v_; }
  friend constexpr auto operator<=>(Pfn, Pfn) = default;

 private:
  uint64_t v_ = 0;
};

// A place for one page in the swap area. 0 is never one: there lies the area's
// header (Linux: swp_offset() of an entry of the one area).
class SwapSlot {
 public:
  constexpr SwapSlot() = default;
  explicit constexpr SwapSlot(uint64_t v) : v_(v) {}
  constexpr uint64_t value() const { return v_; }
  explicit constexpr operator bool() const { return v_ != 0; }
  friend constexpr auto operator<=>(SwapSlot, SwapSlot) = default;

 private:
  uint64_t v_ = 0;
};

// A guest virtual address, tag already stripped.
class GuestAddr {
 public:
  constexpr GuestAddr() = default;
  explicit constexpr GuestAddr(uint64_t v) : v_(v) {}
  constexpr uint64_t value() const { return v_; }

  constexpr uint64_t PageOffset(PageShift s) const { return v_ & s.mask(); }
  constexpr bool IsPageAligned(PageShift s) const { return PageOffset(s) == 0; }
  constexpr GuestAddr AlignDown(uint64_t bytes) const {  // power of two
    return GuestAddr(v_ & ~(bytes - 1));
  }
  // Wraps to 0 at the top of the space, as PAGE_ALIGN() does.
  constexpr GuestAddr AlignUp(uint64_t bytes) const {
    return GuestAddr((v_ + bytes - 1) & ~(bytes - 1));
  }
  constexpr GuestAddr PageDown(PageShift s) const {
    return AlignDown(s.bytes());
  }
  constexpr GuestAddr PageUp(PageShift s) const { return AlignUp(s.bytes()); }

  constexpr GuestAddr& operator+=(uint64_t bytes) {
    v_ += bytes;
    return *this;
  }
  friend constexpr GuestAddr operator+(GuestAddr a, uint64_t bytes) {
    return GuestAddr(a.v_ + bytes);
  }
  friend constexpr GuestAddr operator-(GuestAddr a, uint64_t bytes) {
    return GuestAddr(a.v_ - bytes);
  }
  friend constexpr uint64_t operator-(GuestAddr a, GuestAddr b) {
    return a.v_ - b.v_;
  }
  friend constexpr auto operator<=>(GuestAddr, GuestAddr) = default;

 private:
  uint64_t v_ = 0;
};

// A half-open range of guest virtual addresses.
struct GuestRange {
  GuestAddr start;
  GuestAddr end;

  static constexpr GuestRange At(GuestAddr start, uint64_t bytes) {
    return {start, start + bytes};
  }
  constexpr uint64_t size() const { return end - start; }
  constexpr bool empty() const { return start >= end; }
  constexpr PageCount Pages(PageShift s) const {
    return PageCount(size() >> s.value());
  }
  constexpr bool Contains(GuestAddr a) const { return a >= start && a < end; }
  constexpr bool Contains(GuestRange r) const {
    return r.start >= start && r.end <= end;
  }
  constexpr bool Overlaps(GuestRange r) const {
    return start < r.end && r.start < end;
  }
  constexpr GuestRange Intersect(GuestRange r) const {
    return {start > r.start ? start : r.start, end < r.end ? end : r.end};
  }
  friend constexpr bool operator==(GuestRange, GuestRange) = default;
};

inline std::string ToString(GuestAddr a) {
  return absl::StrFormat("0x%x", a.value());
}
inline std::string ToString(GuestRange r) {
  return absl::StrFormat("[0x%x, 0x%x)", r.start.value(), r.end.value());
}
inline std::string ToString(Pfn p) {
  return absl::StrFormat("pfn:0x%x", p.value());
}
inline std::string ToString(SwapSlot s) {
  return absl::StrFormat("slot:%d", s.value());
}
inline std::string ToString(PhysAddr p) {
  return absl::StrFormat("pa:0x%x", p.value());
}
inline std::ostream& operator<<(std::ostream& os, GuestAddr a) {
  return os << ToString(a);
}
inline std::ostream& operator<<(std::ostream& os, GuestRange r) {
  return os << ToString(r);
}
inline std::ostream& operator<<(std::ostream& os, Pfn p) {
  return os << ToString(p);
}
inline std::ostream& operator<<(std::ostream& os, SwapSlot s) {
  return os << ToString(s);
}
inline std::ostream& operator<<(std::ostream& os, PageCount n) {
  return os << n.value() << " pages";
}

}  // namespace faultline::mm

template <>
struct std::hash<faultline::mm::Pfn> {
  size_t operator()(faultline::mm::Pfn p) const noexcept { return p.value(); }
};

#endif  // FAULTLINE_GUEST_MM_BASE_ADDR_H_
