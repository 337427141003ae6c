#ifndef FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_MASKS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_MASKS_H_

// What is not compared: docs/deviations.md says it, in a table whose rows start
//   | `mask-name` | when |
// and nothing else does.

#include <string>
#include <vector>
#include "absl/strings/string_view.h"

namespace faultline::differential {

// The masks of `text`, that of docs/deviations.md, that apply when the other
// side runs the kernel `release` ("6.12.3"). `when` is "always", or "since" or
// "before" and a version ("since 6.14").
std::vector<std::string> MasksFor(absl::string_view text,
                                  absl::string_view release);

}  // namespace faultline::differential

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_MASKS_H_
