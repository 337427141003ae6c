#include "plugin/linux/fs/seals.h"

#include "guest_mm/vma/vma.h"

namespace faultline::os {

ErrnoOr<uint32_t> AddSeals(uint32_t seals, uint32_t added, uint32_t mode,
                           const mm::Mapping& mapping) {
  constexpr uint32_t kAll = kSealSeal | kSealShrink | kSealGrow | kSealWrite |
                            kSealFutureWrite | kSealExec;
  if ((added & ~kAll) != 0) {
    return Errno::kEINVAL;
  }
  if ((seals & kSealSeal) != 0) {
    return Errno::kEPERM;
  }
  // An executable file sealed so cannot change what it executes either.
  if ((added & kSealExec) != 0 && (mode & 0111) != 0) {
    added |= kSealShrink | kSealGrow | kSealWrite | kSealFutureWrite;
  }
  if ((added & kSealWrite) != 0 && (seals & kSealWrite) == 0) {
    for (const auto& [key, vma] : mapping.vmas()) {
      if (vma->flags.has(mm::VmaFlag::kShared) &&
          vma->flags.has(mm::VmaFlag::kMayWrite)) {
        return Errno::kEBUSY;
      }
    }
  }
  return seals | added;
}

}  // namespace faultline::os
