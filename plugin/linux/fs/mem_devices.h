#ifndef FAULTLINE_PLUGIN_LINUX_FS_MEM_DEVICES_H_
#define FAULTLINE_PLUGIN_LINUX_FS_MEM_DEVICES_H_

// /dev/null, zero, full, random and urandom. Linux: drivers/char/mem.c,
// random.c.

#include <cstddef>
#include <functional>

#include "absl/types/span.h"

namespace faultline::os {

class Vfs;

// Fills with the machine's seeded random bytes.
using FillRandom = std::function<void(absl::Span<std::byte>)>;

void AddMemDevices(Vfs& vfs, FillRandom fill_random);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_MEM_DEVICES_H_
