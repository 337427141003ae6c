#ifndef FAULTLINE_TESTS_BENCH_REPORT_H_
#define FAULTLINE_TESTS_BENCH_REPORT_H_

// Measured groups as Markdown.

#include <string>
#include <vector>

#include "tests/bench/cases.h"
#include "tests/bench/measure.h"

namespace faultline::bench {

// A group and what Measure said of its first contestant and its rivals.
struct Result {
  Group group;
  std::vector<Seconds> seconds;
};

// One line a rival, for a terminal: costs, ratio, goal met or missed.
std::string Lines(const Result& result);

// docs/performance.md: a table for each section, each group's commands below.
std::string Report(const std::vector<Result>& results, int runs);

// "1.23 us"
std::string FormatSeconds(const Seconds& seconds);

}  // namespace faultline::bench

#endif  // FAULTLINE_TESTS_BENCH_REPORT_H_
