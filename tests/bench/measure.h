#ifndef FAULTLINE_TESTS_BENCH_MEASURE_H_
#define FAULTLINE_TESTS_BENCH_MEASURE_H_

// What one operation costs each of several contestants, measured together.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/process.h"

namespace faultline::bench {

// A way to run a guest program: natively, in Faultline, in QEMU...
struct Contestant {
  std::string name;  // "faultline", "native", "qemu-aarch64"
  Command full;      // does everything
  Command base;      // the same without the operations; empty: costs nothing
  double operations = 1;
};

// Seconds an operation, or why it could not be measured.
using Seconds = absl::StatusOr<double>;

// Runs every contestant's commands `runs` times, by turns (A B A B), so that
// whatever else the machine does disturbs all alike. Returns, for each, the
// median of `full` less the median of `base`, divided by its operations. One
// that fails is not run again.
std::vector<Seconds> Measure(const std::vector<Contestant>& contestants,
                             int runs);

}  // namespace faultline::bench

#endif  // FAULTLINE_TESTS_BENCH_MEASURE_H_
