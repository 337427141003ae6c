#ifndef FAULTLINE_PLUGIN_CLI_EXIT_STATUS_H_
#define FAULTLINE_PLUGIN_CLI_EXIT_STATUS_H_

#include "absl/status/status.h"

namespace faultline::cli {

// Of commands that judge.
inline constexpr int kExitHeld = 0, kExitViolated = 1, kExitUndecided = 3;
// What is not the guest's own status.
inline constexpr int kExitUsage = 2;         // a command line without sense
inline constexpr int kExitTimedOut = 124;    // --time-limit, as timeout(1)
inline constexpr int kExitOurFailure = 125;  // what we or the host cannot do

// Prints "faultline: " and the message on standard error. Returns kExitUsage
// for an InvalidArgument, else kExitOurFailure.
int Complain(const absl::Status& why);

// Of what two things have come to, that of both: what could not be done comes
// before a verdict, violated before undecided, and that before held.
int Worse(int a, int b);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_EXIT_STATUS_H_
