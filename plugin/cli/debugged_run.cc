#include "plugin/cli/debugged_run.h"

#include <utility>

#include "plugin/inject/kernel_rules.h"

namespace faultline::cli {

absl::StatusOr<os::Console*> DebuggedRun::Prepare(const RunOptions& options,
                                                  os::Console& outside) {
  if (options.gdb.empty()) {
    return &outside;
  }
  if (!options.trace.file.empty()) {
    return absl::InvalidArgumentError(
        "--gdb and --trace: a run that goes back in time has no one trace; "
        "trace it by itself, it is the same");
  }
  if (!options.plugins.empty()) {
    return absl::InvalidArgumentError(
        "--gdb and --plugin: one at a time may look at each instruction");
  }
  where_ = options.gdb;
  return &console_.emplace(outside);
}

absl::Status DebuggedRun::Attach(os::Kernel& kernel, inject::Injector& injector,
                                 const RunPaths& paths,
                                 mm::ScheduleObserver* next) {
  if (where_.empty()) {
    return absl::OkStatus();
  }
  auto connection = gdb::Connection::Accept(where_);
  if (!connection.ok()) {
    return connection.status();
  }
  connection_ = *std::move(connection);
  const auto attach = [&kernel, &injector, next] {
    if (mm::FailureSource::Active() != &injector) {
      inject::Prepare(injector, kernel);
      injector.Attach(next);
    }
  };
  stub_.emplace(gdb::Stub::Parts{
      .kernel = kernel,
      .console = *console_,
      .connection = *connection_,
      .history = history_,
      .inject =
          [&kernel, &injector, attach,
           program = paths.program](const std::string& text) {
            auto rule = inject::ParseRule(text);
            if (!rule.ok()) {
              return rule.status();
            }
            attach();
            return inject::AddRule(injector, kernel, *rule, program);
          },
      .each_point =
          [&injector, attach](gdb::Stub::OnPassing on_passing) {
            attach();
            injector.Here("*",
                          {.filter =
                               [on_passing](const inject::Passing& p) {
                                 on_passing(p.site, p.actor);
                                 return false;
                               }},
                          "gdb", [](const inject::Passing&) {});
          }});
  return absl::OkStatus();
}

int DebuggedRun::End(int status) {
  if (history_.begun()) {
    connection_->Close();
    history_.End(status);
  }
  return status;
}

}  // namespace faultline::cli
