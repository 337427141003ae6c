#ifndef FAULTLINE_PLUGIN_CLI_EXIT_STATUS_H_
#define FAULTLINE_PLUGIN_CLI_EXIT_STATUS_H_

#include "absl/status/status.h"

namespace faultline::cli {

// What is not the guest's own status.
inline constexpr int kExitUsage = 2;         // a command line without sense
inline constexpr int kExitTimedOut = 124;    // --time-limit, as timeout(1)
inline constexpr int kExitOurFailure = 125;  // what we or the host cannot do

// Prints "faultline: " and the message on standard error. Returns kExitUsage
// for an InvalidArgument, else kExitOurFailure.
int Complain(const absl::Status& why);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_EXIT_STATUS_H_
