#ifndef FAULTLINE_PLUGIN_LINUX_IPC_IOCTL_NUMBERS_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_IOCTL_NUMBERS_H_

// ioctl(2) requests of files that are not on a file system
// (include/uapi/asm-generic/ioctls.h).

#include <cstdint>

namespace faultline::os {

inline constexpr uint32_t kFionread = 0x541B;  // also SIOCINQ
inline constexpr uint32_t kSiocOutq = 0x5411;

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_IOCTL_NUMBERS_H_
