#ifndef FAULTLINE_PLUGIN_LINUX_LOADER_LOAD_ERROR_H_
#define FAULTLINE_PLUGIN_LINUX_LOADER_LOAD_ERROR_H_

// Why a program cannot be loaded: a line for the person who typed its name and
// the error number that execve(2) answers with. The number travels in the
// Status as a payload.

#include <string>

#include "absl/status/status.h"
#include "guest_mm/base/errno.h"

namespace faultline::os {

absl::Status LoadError(Errno error, std::string why);
// kENOEXEC if `status` did not come from LoadError().
Errno ErrnoOf(const absl::Status& status);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_LOADER_LOAD_ERROR_H_
