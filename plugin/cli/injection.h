#ifndef FAULTLINE_PLUGIN_CLI_INJECTION_H_
#define FAULTLINE_PLUGIN_CLI_INJECTION_H_

// --inject: from its text to an injector at work.

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "plugin/cli/run_options.h"
#include "plugin/inject/injector.h"

namespace faultline::cli {

// With the rules that the options name, attached to `kernel`, whose program is
// loaded and has not run. `next` is told what it wants, as
// Injector::Attach() says. `more`, if not null, adds rules of its own.
// InvalidArgument: a rule makes no sense.
absl::StatusOr<std::unique_ptr<inject::Injector>> StartInjection(
    os::Kernel& kernel, const RunOptions& options, const RunPaths& paths,
    mm::ScheduleObserver* next,
    inject::Injector::NextWants wants = inject::Injector::NextWants::kSwitches,
    const std::function<void(inject::Injector&)>& more = nullptr);

// A line for each thing that was made to fail or happen, for --stats.
std::string RenderInjections(const inject::Injector& injector);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_INJECTION_H_
