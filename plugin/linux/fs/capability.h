#ifndef FAULTLINE_PLUGIN_LINUX_FS_CAPABILITY_H_
#define FAULTLINE_PLUGIN_LINUX_FS_CAPABILITY_H_

// The capabilities that files and sockets ask about
// (include/uapi/linux/capability.h).

namespace faultline::os {

inline constexpr int kCapChown = 0;
inline constexpr int kCapDacOverride = 1;
inline constexpr int kCapDacReadSearch = 2;
inline constexpr int kCapFowner = 3;
inline constexpr int kCapFsetid = 4;
inline constexpr int kCapSetgid = 6;
inline constexpr int kCapSetuid = 7;
inline constexpr int kCapIpcLock = 14;
inline constexpr int kCapSysChroot = 18;
inline constexpr int kCapSysPtrace = 19;
inline constexpr int kCapSysAdmin = 21;
inline constexpr int kCapSysResource = 24;
inline constexpr int kCapMknod = 27;
inline constexpr int kCapWakeAlarm = 35;

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_CAPABILITY_H_
