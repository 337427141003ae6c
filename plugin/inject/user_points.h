#ifndef FAULTLINE_PLUGIN_INJECT_USER_POINTS_H_
#define FAULTLINE_PLUGIN_INJECT_USER_POINTS_H_

// --points: which instructions of user code are schedule points.

#include <string>

#include "absl/status/status.h"
#include "plugin/linux/kernel.h"

namespace faultline::inject {

// "user": all; "user:FUNCTION[,FUNCTION...]": those of these functions of
// `program`, the host's file of the first program. "": none. InvalidArgument:
// something else, or there is no such function.
absl::Status SetUserPoints(os::Kernel& kernel, const std::string& text,
                           const std::string& program);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_USER_POINTS_H_
