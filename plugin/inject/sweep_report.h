#ifndef FAULTLINE_PLUGIN_INJECT_SWEEP_REPORT_H_
#define FAULTLINE_PLUGIN_INJECT_SWEEP_REPORT_H_

// A sweep as its readers want it.

#include <string>

#include "plugin/inject/journal.h"

namespace faultline::inject {

// A line for each site, with how many of its experiments ended how; and below,
// for each kind of end a site has, the token of one.
std::string SweepTable(const SweepRecord& record);
// An experiment is a test case; a violation (IsViolation()) is its failure.
std::string SweepJunit(const SweepRecord& record);
std::string SweepKtap(const SweepRecord& record);

// The same order everywhere: by site, then by passing.
std::vector<const SweepRow*> InOrder(const SweepRecord& record);

// How many experiments the record lacks.
uint64_t Missing(const SweepRecord& record);
bool Violated(const SweepRecord& record);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_SWEEP_REPORT_H_
