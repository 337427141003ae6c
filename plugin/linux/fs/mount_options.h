#ifndef FAULTLINE_PLUGIN_LINUX_FS_MOUNT_OPTIONS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_MOUNT_OPTIONS_H_

// Values in the data of mount(2). Linux: lib/cmdline.c, fs/fs_parser.c.

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace faultline::os {

// memparse(): a number in C's notation and perhaps a unit of k, m, g, t, p or
// e. `*rest` is what follows. Nothing: it does not start with a number.
std::optional<uint64_t> ParseSize(absl::string_view text,
                                  absl::string_view* rest);

// A number of that base and nothing else: fsparam_u32(), fsparam_u32oct().
std::optional<uint32_t> ParseNumber(absl::string_view text, int base);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_MOUNT_OPTIONS_H_
