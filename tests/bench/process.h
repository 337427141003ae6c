#ifndef FAULTLINE_TESTS_BENCH_PROCESS_H_
#define FAULTLINE_TESTS_BENCH_PROCESS_H_

// One run of a command, and what it cost. Cost is processor time (user and
// system, with that of waited-for children), because it is what a busy
// machine disturbs least; elapsed time is kept beside it.

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace faultline::bench {

using Command = std::vector<std::string>;

struct Cost {
  double cpu_s = 0;
  double wall_s = 0;
};

// Runs `command` with no input and its output thrown away. Fails when it cannot
// be started, exits with another status than 0, dies of a signal, or uses more
// than a minute of processor time.
absl::StatusOr<Cost> Run(const Command& command);

// As a shell user would type it.
std::string ToString(const Command& command);

// The middle one of `values`, which must not be empty.
double Median(std::vector<double> values);

}  // namespace faultline::bench

#endif  // FAULTLINE_TESTS_BENCH_PROCESS_H_
