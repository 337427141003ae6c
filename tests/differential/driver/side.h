#ifndef FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_SIDE_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_SIDE_H_

// One of the two sides of a comparison: a system that runs the program, and
// what the program printed there.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace faultline::differential {

struct Side {
  std::string name;
  // What runs the program, its words first: {"faultline", "run"}, or nothing
  // for this machine itself.
  std::vector<std::string> runner;
  std::string program;
  std::vector<std::string> options;  // of the program
};

// What was printed for one case, line by line, its "case" line not included.
using Trace = std::vector<std::string>;

// Runs `side` on `cases` in one go and gives a trace for each, in order. A case
// that the program did not reach has an empty one. Fails when nothing can be
// run at all. What the runner says on standard error goes to ours.
absl::StatusOr<std::vector<Trace>> RunCases(
    const Side& side, const std::vector<std::string>& cases,
    absl::Span<const std::string> options = {});

// Everything that the program prints, given these arguments.
absl::StatusOr<std::string> RunProgram(
    const Side& side, const std::vector<std::string>& arguments);

// Cuts what was printed for `count` cases.
std::vector<Trace> SplitCases(const std::string& text, size_t count);

// The first line in which the two differ; kSame if none does.
constexpr size_t kSame = SIZE_MAX;
size_t FirstDifference(const Trace& a, const Trace& b);

// Whether the case was played to its end: one that stops on both sides alike
// compares less than it seems to.
bool Complete(const Trace& trace);

}  // namespace faultline::differential

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_SIDE_H_
