#ifndef FAULTLINE_PLUGIN_LINUX_FS_POPULATE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_POPULATE_H_

// What a fresh machine's tree holds before anything is bound into it: the
// usual directories, /dev, and an /etc that knows root.

#include "absl/status/status.h"
#include "plugin/linux/fs/mem_devices.h"

namespace faultline::os {

class Vfs;

// ResourceExhausted if the guest's memory is too small even for this.
absl::Status PopulateRoot(Vfs& vfs, FillRandom fill_random);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_POPULATE_H_
