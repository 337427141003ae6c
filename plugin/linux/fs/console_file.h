#ifndef FAULTLINE_PLUGIN_LINUX_FS_CONSOLE_FILE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_CONSOLE_FILE_H_

// The machine's standard streams as open files: what descriptors 0, 1 and 2
// of the first process are. They look like pipes that someone outside holds
// the other ends of.

#include <memory>

#include "plugin/linux/console.h"
#include "plugin/linux/fs/file.h"

namespace faultline::os {

enum class StandardStream : uint8_t { kIn = 0, kOut = 1, kErr = 2 };

// `console` outlives it.
std::shared_ptr<File> MakeConsoleFile(Console& console, StandardStream stream);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_CONSOLE_FILE_H_
