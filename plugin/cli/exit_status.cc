#include "plugin/cli/exit_status.h"

#include <cstdio>

#include "absl/strings/str_format.h"

namespace faultline::cli {

int Complain(const absl::Status& why) {
  absl::FPrintF(stderr, "faultline: %s\n", why.message());
  return absl::IsInvalidArgument(why) ? kExitUsage : kExitOurFailure;
}

int Worse(int a, int b) {
  for (const int status :
       {kExitOurFailure, kExitUsage, kExitViolated, kExitUndecided}) {
    if (a == status || b == status) {
      return status;
    }
  }
  return kExitHeld;
}

}  // namespace faultline::cli
