#ifndef FAULTLINE_TESTS_BENCH_PLUGIN_CASE_H_
#define FAULTLINE_TESTS_BENCH_PLUGIN_CASE_H_

#include <string>
#include <vector>

#include "tests/bench/cases.h"

namespace faultline::bench {

// Counting instructions by one plug-in, here and in QEMU's machine of `arch`
// ("x86_64", "arm64"), where the same rounds run without a system below them
// (tests/plugin/api/loop). Nothing if that QEMU is not installed.
void AddPlugins(const std::string& tree, const std::string& arch,
                std::vector<Group>& groups);

}  // namespace faultline::bench

#endif  // FAULTLINE_TESTS_BENCH_PLUGIN_CASE_H_
