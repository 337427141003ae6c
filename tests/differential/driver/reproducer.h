#ifndef FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_REPRODUCER_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_REPRODUCER_H_

// A difference as a C program that stands alone.

#include <cstdint>
#include <string>
#include "absl/strings/string_view.h"

#include "absl/status/statusor.h"
#include "tests/differential/driver/side.h"

namespace faultline::differential {

// The guest program's (guest/world.h).
enum class World : uint8_t { kSmallPages, kHugePages, kUserfaults };

// `trace` is what the program printed, without --verbose, for the steps to be
// reproduced; `sources` the folder of the project. The result builds with
// `cc -D_GNU_SOURCE`, performs the same calls in the same processes, and
// prints what each saw in full. Fails if the program's headers are not there.
absl::StatusOr<std::string> Reproducer(const std::string& sources, World world,
                                       uint64_t seed, const Trace& trace);

// One line of a trace as a statement: "7 0 munmap(A, 0x1000) = 0x0 #..." is
// STEP(7, 0, syscall(SYS_munmap, A, 0x1000)). Empty for lines of other kinds.
std::string Statement(absl::string_view line);

}  // namespace faultline::differential

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_REPRODUCER_H_
