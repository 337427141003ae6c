#ifndef FAULTLINE_PLUGIN_CLI_RUN_STATS_H_
#define FAULTLINE_PLUGIN_CLI_RUN_STATS_H_

#include <string>

#include "plugin/linux/kernel.h"

namespace faultline::cli {

// --stats: what the machine counted, a name and a number a line.
std::string RenderStats(os::Kernel& kernel);

// What --schedule takes to repeat the run so far: "replay:TOKEN", or the
// strategy's own name if the token would be too long.
std::string ScheduleOf(os::Kernel& kernel);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_RUN_STATS_H_
