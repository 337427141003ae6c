#ifndef FAULTLINE_TESTS_BENCH_SWEEP_CASE_H_
#define FAULTLINE_TESTS_BENCH_SWEEP_CASE_H_

#include <string>
#include <vector>

#include "tests/bench/cases.h"

namespace faultline::bench {

// An experiment of a sweep, against starting the same program natively; and
// against booting a kernel for it, if FAULTLINE_ORACLE says how
// (tests/differential/README.md). `arch` is the host's, as in guests/ARCH.
void AddSweep(const std::string& tree, const std::string& arch,
              std::vector<Group>& groups);

}  // namespace faultline::bench

#endif  // FAULTLINE_TESTS_BENCH_SWEEP_CASE_H_
