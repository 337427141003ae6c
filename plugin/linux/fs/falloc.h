#ifndef FAULTLINE_PLUGIN_LINUX_FS_FALLOC_H_
#define FAULTLINE_PLUGIN_LINUX_FS_FALLOC_H_

// fallocate(2)'s modes (include/uapi/linux/falloc.h).

namespace faultline::os {

inline constexpr int kFallocKeepSize = 0x01;
inline constexpr int kFallocPunchHole = 0x02;
inline constexpr int kFallocZeroRange = 0x10;
inline constexpr int kFallocKnown = 0x7f;  // all that 6.12 has

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_FALLOC_H_
