#ifndef FAULTLINE_PLUGIN_CLI_UFFD_REPORT_H_
#define FAULTLINE_PLUGIN_CLI_UFFD_REPORT_H_

#include <string>

#include "guest_mm/uffd/uffd_stats.h"

namespace faultline::cli {

// --uffd-stats: each registered range with its faults by kind, what the ioctls
// did to it and how they failed, and how long faults waited, in virtual time.
std::string RenderUffdStats(const mm::UffdStats& stats);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_UFFD_REPORT_H_
