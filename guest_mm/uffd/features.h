#ifndef FAULTLINE_GUEST_MM_UFFD_FEATURES_H_
#define FAULTLINE_GUEST_MM_UFFD_FEATURES_H_

// The numbers of userfaultfd's interface that the memory manager's rules speak
// of (include/uapi/linux/userfaultfd.h, Linux 6.12).

#include <cstdint>

#include "guest_mm/profile/behaviour.h"

namespace faultline::mm {

// UFFD_FEATURE_*.
inline constexpr uint64_t kUffdPagefaultFlagWp = 1 << 0;
inline constexpr uint64_t kUffdEventFork = 1 << 1;
inline constexpr uint64_t kUffdEventRemap = 1 << 2;
inline constexpr uint64_t kUffdEventRemove = 1 << 3;
inline constexpr uint64_t kUffdMissingHugetlbfs = 1 << 4;
inline constexpr uint64_t kUffdMissingShmem = 1 << 5;
inline constexpr uint64_t kUffdEventUnmap = 1 << 6;
inline constexpr uint64_t kUffdSigbus = 1 << 7;
inline constexpr uint64_t kUffdThreadId = 1 << 8;
inline constexpr uint64_t kUffdMinorHugetlbfs = 1 << 9;
inline constexpr uint64_t kUffdMinorShmem = 1 << 10;
inline constexpr uint64_t kUffdExactAddress = 1 << 11;
inline constexpr uint64_t kUffdWpHugetlbfsShmem = 1 << 12;
inline constexpr uint64_t kUffdWpUnpopulated = 1 << 13;
inline constexpr uint64_t kUffdPoison = 1 << 14;
inline constexpr uint64_t kUffdWpAsync = 1 << 15;
inline constexpr uint64_t kUffdMove = 1 << 16;
inline constexpr uint64_t kUffdAllFeatures = (1 << 17) - 1;
// Those that a kernel of these rules knows.
uint64_t UffdKnownFeatures(const BehaviourSet& behaviours);
// Not a feature: set with them once the handshake is over.
inline constexpr uint64_t kUffdInitialized = uint64_t{1} << 31;

// UFFD_EVENT_*.
enum class UffdEventKind : uint8_t {
  kPagefault = 0x12,
  kFork = 0x13,
  kRemap = 0x14,
  kRemove = 0x15,
  kUnmap = 0x16,
};

// UFFD_PAGEFAULT_FLAG_*.
inline constexpr uint64_t kUffdFaultWrite = 1;
inline constexpr uint64_t kUffdFaultWp = 2;
inline constexpr uint64_t kUffdFaultMinor = 4;

// UFFDIO_REGISTER_MODE_*.
inline constexpr uint64_t kUffdModeMissing = 1;
inline constexpr uint64_t kUffdModeWp = 2;
inline constexpr uint64_t kUffdModeMinor = 4;

// _UFFDIO_*: bit numbers in the masks that handshake and REGISTER answer.
enum class UffdIoctl : uint8_t {
  kRegister = 0x00,
  kUnregister = 0x01,
  kWake = 0x02,
  kCopy = 0x03,
  kZeropage = 0x04,
  kMove = 0x05,
  kWriteProtect = 0x06,
  kContinue = 0x07,
  kPoison = 0x08,
  kApi = 0x3f,
};
constexpr uint64_t UffdIoctlBit(UffdIoctl i) {
  return uint64_t{1} << uint8_t(i);
}
inline constexpr uint64_t kUffdApiIoctls =
    UffdIoctlBit(UffdIoctl::kRegister) | UffdIoctlBit(UffdIoctl::kUnregister) |
    UffdIoctlBit(UffdIoctl::kApi);
// What works on every range: not ZEROPAGE and MOVE, which hugetlb lacks.
inline constexpr uint64_t kUffdBasicIoctls =
    UffdIoctlBit(UffdIoctl::kWake) | UffdIoctlBit(UffdIoctl::kCopy) |
    UffdIoctlBit(UffdIoctl::kWriteProtect) |
    UffdIoctlBit(UffdIoctl::kContinue) | UffdIoctlBit(UffdIoctl::kPoison);
inline constexpr uint64_t kUffdRangeIoctls =
    kUffdBasicIoctls | UffdIoctlBit(UffdIoctl::kZeropage) |
    UffdIoctlBit(UffdIoctl::kMove);

// "missing", "copy", ...: what traces call them.
const char* ToString(UffdEventKind kind);
const char* ToString(UffdIoctl ioctl);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_FEATURES_H_
