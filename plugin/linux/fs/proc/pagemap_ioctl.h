#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_PAGEMAP_IOCTL_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_PAGEMAP_IOCTL_H_

// ioctl(2) on /proc/PID/pagemap. Linux: fs/proc/task_mmu.c do_pagemap_cmd().

#include <cstdint>

#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::os {

class Task;

// PAGEMAP_SCAN on `mm` (null: it is gone), with its argument at `arg` in the
// caller's memory: how many regions it has stored. kEINVAL for other requests.
ErrnoOr<uint64_t> PagemapIoctl(Task& task, mm::AddressSpace* mm,
                               uint32_t request, uint64_t arg);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_PAGEMAP_IOCTL_H_
