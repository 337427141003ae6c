#ifndef FAULTLINE_PLUGIN_LINUX_FS_MOUNT_OPTIONS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_MOUNT_OPTIONS_H_

// Values in the data of mount(2). Linux: lib/cmdline.c, fs/fs_parser.c.

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace faultline::os {

// memparse(): a number in C's notation and perhaps a unit of k, m, g, t, p or
// e. `*rest` is what follows. Nothing: it does not start with a number.
std::optional<uint64_t> ParseSize(absl::string_view text,
                                  absl::string_view* rest);

// A number of that base and nothing else: fsparam_u32(), fsparam_u32oct().
std::optional<uint32_t> ParseNumber(absl::string_view text, int base);

// The same, into `*to` but for bits that `mask` lacks. False: it is no number.
bool StoreNumber(absl::string_view text, int base, uint32_t mask, uint32_t* to);

// Gives `take` each KEY or KEY=VALUE of those between the commas of `text`,
// until it answers false, as this does then. generic_parse_monolithic().
bool ForEachMountOption(
    absl::string_view text,
    absl::FunctionRef<bool(absl::string_view key, absl::string_view value)>
        take);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_MOUNT_OPTIONS_H_
