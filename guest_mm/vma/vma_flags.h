#ifndef FAULTLINE_GUEST_MM_VMA_VMA_FLAGS_H_
#define FAULTLINE_GUEST_MM_VMA_VMA_FLAGS_H_

// VmaFlags: what a mapping is and allows. Names are Linux's VM_* without the
// prefix (include/linux/mm.h); the bits are our own.

#include <cstdint>
#include <ostream>
#include <string>

#include "guest_mm/base/access.h"

namespace faultline::mm {

enum class VmaFlag : uint64_t {
  kRead = 1ull << 0,
  kWrite = 1ull << 1,
  kExec = 1ull << 2,
  kShared = 1ull << 3,
  kMayRead = 1ull << 4,
  kMayWrite = 1ull << 5,
  kMayExec = 1ull << 6,
  kMayShare = 1ull << 7,
  kGrowsDown = 1ull << 8,
  kLocked = 1ull << 9,
  kLockOnFault = 1ull << 10,
  kSeqRead = 1ull << 11,
  kRandRead = 1ull << 12,
  kDontCopy = 1ull << 13,  // MADV_DONTFORK
  kDontExpand = 1ull << 14,
  kWipeOnFork = 1ull << 15,
  kDontDump = 1ull << 16,
  kAccount = 1ull << 17,
  kNoReserve = 1ull << 18,
  kHugeTlb = 1ull << 19,
  kHugePage = 1ull << 20,  // MADV_HUGEPAGE
  kNoHugePage = 1ull << 21,
  kMergeable = 1ull << 22,
  kUffdMissing = 1ull << 23,
  kUffdWp = 1ull << 24,
  kUffdMinor = 1ull << 25,
  kSoftDirty = 1ull << 26,
  kMte = 1ull << 27,
  kMteAllowed = 1ull << 28,
  kSealed = 1ull << 29,
  kPfnMap = 1ull << 30,  // no frames of ours behind it (vdso, device)
  kIo = 1ull << 31,
  kDroppable = 1ull << 32,   // MAP_DROPPABLE: may be lost rather than swapped
  kMaybeGuard = 1ull << 33,  // guard regions have been in it
};

class VmaFlags {
 public:
  constexpr VmaFlags() = default;
  constexpr VmaFlags(VmaFlag f)  // NOLINT: a flag is a set of one
      : bits_(static_cast<uint64_t>(f)) {}
  static constexpr VmaFlags FromProt(Prot p) {
    return VmaFlags(uint64_t{p.bits()});
  }
  constexpr Prot prot() const { return Prot(unsigned(bits_ & 7)); }
  constexpr bool has(VmaFlag f) const {
    return (bits_ & static_cast<uint64_t>(f)) != 0;
  }
  constexpr bool any(VmaFlags s) const { return (bits_ & s.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr uint64_t bits() const { return bits_; }
  constexpr VmaFlags without(VmaFlags s) const {
    return VmaFlags(bits_ & ~s.bits_);
  }
  constexpr VmaFlags set(VmaFlag f, bool on) const {
    return on ? *this | f : without(f);
  }
  constexpr VmaFlags WithProt(Prot p) const {
    return VmaFlags((bits_ & ~uint64_t{7}) | p.bits());
  }
  constexpr VmaFlags& operator|=(VmaFlags o) {
    bits_ |= o.bits_;
    return *this;
  }
  friend constexpr VmaFlags operator|(VmaFlags a, VmaFlags b) {
    return VmaFlags(a.bits_ | b.bits_);
  }
  friend constexpr VmaFlags operator&(VmaFlags a, VmaFlags b) {
    return VmaFlags(a.bits_ & b.bits_);
  }
  friend constexpr bool operator==(VmaFlags, VmaFlags) = default;

 private:
  explicit constexpr VmaFlags(uint64_t bits) : bits_(bits) {}
  uint64_t bits_ = 0;
};
constexpr VmaFlags operator|(VmaFlag a, VmaFlag b) {
  return VmaFlags(a) | VmaFlags(b);
}

// Which of a space's counts a mapping adds to: exec_vm, stack_vm, data_vm
// (include/linux/mm.h is_exec_mapping(), is_stack_mapping(),
// is_data_mapping()). It may be none of them.
constexpr bool CountsAsExec(VmaFlags f) {
  return f.has(VmaFlag::kExec) && !f.has(VmaFlag::kWrite) &&
         !f.has(VmaFlag::kGrowsDown);
}
constexpr bool CountsAsStack(VmaFlags f) { return f.has(VmaFlag::kGrowsDown); }
constexpr bool CountsAsData(VmaFlags f) {
  return f.has(VmaFlag::kWrite) && !f.has(VmaFlag::kShared) &&
         !f.has(VmaFlag::kGrowsDown);
}

// The VmFlags line of smaps: "rd wr mr mw me ac".
std::string SmapsFlags(VmaFlags f);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_VMA_FLAGS_H_
