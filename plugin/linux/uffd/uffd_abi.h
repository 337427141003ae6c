#ifndef FAULTLINE_PLUGIN_LINUX_UFFD_UFFD_ABI_H_
#define FAULTLINE_PLUGIN_LINUX_UFFD_UFFD_ABI_H_

// Layouts and request numbers of include/uapi/linux/userfaultfd.h, the same on
// both architectures. Fields that are only answered come last, and are not
// read.

#include <cstddef>
#include <cstdint>

namespace faultline::os {

inline constexpr uint64_t kUffdApiVersion = 0xAA;
inline constexpr uint32_t kUffdUserModeOnly =
    1;  // beside O_CLOEXEC, O_NONBLOCK

enum UffdRequest : uint32_t {
  kUffdioApi = 0xc018aa3f,
  kUffdioRegister = 0xc020aa00,
  kUffdioUnregister = 0x8010aa01,
  kUffdioWake = 0x8010aa02,
  kUffdioCopy = 0xc028aa03,
  kUffdioZeropage = 0xc020aa04,
  kUffdioMove = 0xc028aa05,
  kUffdioWriteProtect = 0xc018aa06,
  kUffdioContinue = 0xc020aa07,
  kUffdioPoison = 0xc020aa08,
  // No Linux's: with `int64_t not_protected` at the end.
  kUffdioWriteProtectPartial = 0xc020aa06,
  kUserfaultfdIocNew = 0x0000aa00,  // of /dev/userfaultfd
};

struct UffdMsg {
  uint8_t event = 0;
  uint8_t reserved1 = 0;
  uint16_t reserved2 = 0;
  uint32_t reserved3 = 0;
  // pagefault: flags, address, ptid. fork: descriptor. remap: from, to, length.
  // remove, unmap: start, end.
  uint64_t arg[3] = {};
};
static_assert(sizeof(UffdMsg) == 32);

struct UffdioApi {
  uint64_t api;
  uint64_t features;
  uint64_t ioctls;
};

struct UffdioRange {
  uint64_t start;
  uint64_t len;
};

struct UffdioRegister {
  UffdioRange range;
  uint64_t mode;
  // uint64_t ioctls follows.
};
inline constexpr uint64_t kRegisterAnswer = sizeof(UffdioRegister);

struct UffdioCopy {
  uint64_t dst;
  uint64_t src;
  uint64_t len;
  uint64_t mode;
  // int64_t copy follows.
};
inline constexpr uint64_t kUffdioCopyDontwake = 1;
inline constexpr uint64_t kUffdioCopyWp = 2;

// ZEROPAGE, CONTINUE and POISON.
struct UffdioFill {
  UffdioRange range;
  uint64_t mode;
  // int64_t zeropage, mapped, updated follows.
};
inline constexpr uint64_t kUffdioFillDontwake = 1;
inline constexpr uint64_t kUffdioContinueWp = 2;

struct UffdioMove {
  uint64_t dst;
  uint64_t src;
  uint64_t len;
  uint64_t mode;
  // int64_t move follows.
};
inline constexpr uint64_t kUffdioMoveDontwake = 1;
inline constexpr uint64_t kUffdioMoveAllowHoles = 2;

struct UffdioWriteProtect {
  UffdioRange range;
  uint64_t mode;
};
inline constexpr uint64_t kUffdioWpWp = 1;
inline constexpr uint64_t kUffdioWpDontwake = 2;
inline constexpr uint64_t kUffdioWpSkipPinned = 4;  // of the longer form alone

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_UFFD_UFFD_ABI_H_
