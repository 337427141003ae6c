#ifndef FAULTLINE_PLUGIN_LINUX_FS_SEALS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_SEALS_H_

// What may no longer be done to a memory file: fcntl(F_ADD_SEALS). Linux:
// mm/memfd.c.

#include <cstdint>

#include "guest_mm/base/errno.h"
#include "guest_mm/file/mapping.h"

namespace faultline::os {

// include/uapi/linux/fcntl.h.
inline constexpr uint32_t kSealSeal = 0x01;
inline constexpr uint32_t kSealShrink = 0x02;
inline constexpr uint32_t kSealGrow = 0x04;
inline constexpr uint32_t kSealWrite = 0x08;
inline constexpr uint32_t kSealFutureWrite = 0x10;
inline constexpr uint32_t kSealExec = 0x20;

inline constexpr int kFAddSeals = 1033;
inline constexpr int kFGetSeals = 1034;

// Does a change from one mode to another keep to them? Sealed, a file does not
// become executable, nor the reverse (shmem_setattr()).
inline bool SealsAllowMode(uint32_t seals, uint32_t from, uint32_t to) {
  return (seals & kSealExec) == 0 || ((from ^ to) & 0111) == 0;
}

// The seals of a file of `mode` after `added` were added to `seals`. kEINVAL;
// kEPERM if sealed against it; kEBUSY: kSealWrite while `mapping` has a shared
// writable VMA.
ErrnoOr<uint32_t> AddSeals(uint32_t seals, uint32_t added, uint32_t mode,
                           const mm::Mapping& mapping);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_SEALS_H_
