#ifndef FAULTLINE_PLUGIN_INJECT_KERNEL_RULES_H_
#define FAULTLINE_PLUGIN_INJECT_KERNEL_RULES_H_

// Rules as a user writes them, for a machine that runs programs.

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "plugin/inject/injector.h"
#include "plugin/inject/rule.h"
#include "plugin/linux/kernel.h"

namespace faultline::inject {

// Adds `rule` to `injector`, which is of `kernel`'s scheduler; both outlive it.
// `program`: the host's file of the first program, where `pc=` looks for
// symbols before it looks at the guest kernel image's. InvalidArgument: there
// is no such site or symbol, or an action makes no sense there.
// `chooses`, if it is not null, is asked in the place of nth, every and p.
absl::Status AddRule(
    Injector& injector, os::Kernel& kernel, const Rule& rule,
    const std::string& program,
    const std::function<bool(uint64_t nth)>& chooses = nullptr);

// What an injector of `kernel` needs to know of its architecture.
void Prepare(Injector& injector, os::Kernel& kernel);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_KERNEL_RULES_H_
