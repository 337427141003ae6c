#ifndef FAULTLINE_PLUGIN_LINUX_MEMORY_SWAP_DEVICE_H_
#define FAULTLINE_PLUGIN_LINUX_MEMORY_SWAP_DEVICE_H_

// The swap area as a program sees it: a RAM disk that was made swap at boot.

#include <string>

#include "plugin/linux/fs/kstat.h"

namespace faultline::os {

class Kernel;

inline constexpr char kSwapPath[] = "/dev/ram0";
inline constexpr DevId kSwapDevice{1, 0};  // RAMDISK_MAJOR

// /proc/swaps (mm/swapfile.c swap_show()).
std::string RenderSwaps(Kernel& kernel);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_MEMORY_SWAP_DEVICE_H_
