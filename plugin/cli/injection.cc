#include "plugin/cli/injection.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "plugin/inject/kernel_rules.h"

namespace faultline::cli {

absl::StatusOr<std::unique_ptr<inject::Injector>> StartInjection(
    os::Kernel& kernel, const RunOptions& options, const RunPaths& paths,
    mm::ScheduleObserver* next, inject::Injector::NextWants wants,
    const std::function<void(inject::Injector&)>& more) {
  auto injector = std::make_unique<inject::Injector>(
      kernel.scheduler(), kernel.trace(), options.seed);
  if (options.injects.empty() && more == nullptr) {
    return injector;
  }
  inject::Prepare(*injector, kernel);
  for (const std::string& text : options.injects) {
    auto rule = inject::ParseRule(text);
    if (!rule.ok()) {
      return rule.status();
    }
    if (absl::Status s =
            inject::AddRule(*injector, kernel, *rule, paths.program);
        !s.ok()) {
      return s;
    }
  }
  if (more != nullptr) {
    more(*injector);
  }
  injector->Attach(next, wants);
  return injector;
}

std::string RenderInjections(const inject::Injector& injector) {
  std::string out;
  for (const inject::Injection& done : injector.injections()) {
    absl::StrAppendFormat(&out, "injected %s at passing %d of %s by %s",
                          done.action, done.nth, done.site, done.actor);
    if (done.address != 0) {
      absl::StrAppendFormat(&out, ", address 0x%x", done.address);
    }
    out += '\n';
  }
  if (const uint64_t told = injector.injections().size();
      told < injector.injected()) {
    absl::StrAppend(&out, "injected ", injector.injected() - told, " more\n");
  }
  return out;
}

}  // namespace faultline::cli
