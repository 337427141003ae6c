#include "plugin/cli/exit_status.h"

#include <cstdio>

#include "absl/strings/str_format.h"

namespace faultline::cli {

int Complain(const absl::Status& why) {
  absl::FPrintF(stderr, "faultline: %s\n", why.message());
  return absl::IsInvalidArgument(why) ? kExitUsage : kExitOurFailure;
}

}  // namespace faultline::cli
