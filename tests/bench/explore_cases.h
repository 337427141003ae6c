#ifndef FAULTLINE_TESTS_BENCH_EXPLORE_CASES_H_
#define FAULTLINE_TESTS_BENCH_EXPLORE_CASES_H_

// What exploring costs: a schedule, and what it takes to go back to the start.

#include <string>
#include <vector>

#include "tests/bench/cases.h"

namespace faultline::bench {

// `native_guests`: the folder of the host architecture's guest programs.
void AddExploring(const std::string& tree, const std::string& native_guests,
                  std::vector<Group>& groups);

}  // namespace faultline::bench

#endif  // FAULTLINE_TESTS_BENCH_EXPLORE_CASES_H_
