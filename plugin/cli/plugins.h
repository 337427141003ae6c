#ifndef FAULTLINE_PLUGIN_CLI_PLUGINS_H_
#define FAULTLINE_PLUGIN_CLI_PLUGINS_H_

// The plug-ins that a command line names, from the machine's making to its end.

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "plugin/api/host.h"
#include "plugin/api/observer.h"
#include "plugin/cli/machine.h"
#include "plugin/cli/run_options.h"
#include "plugin/inject/injector.h"
#include "plugin/linux/kernel.h"

namespace faultline::cli {

class Plugins {
 public:
  // `specs` as --plugin has them; `observer` is told what it would be without
  // them. Both outlive it, and it outlives the machine.
  Plugins(const std::vector<std::string>& specs, os::KernelObserver& observer)
      : specs_(specs), next_(observer) {}

  // For Machine::Watch::on_created. Null: there are none.
  Machine::Creation Loader();
  // For StartInjection(). Null: they ask for nothing there.
  std::function<void(inject::Injector&)> Rules();
  // The machine has ended; it is still there.
  void Finish();

 private:
  const std::vector<std::string>& specs_;
  os::KernelObserver& next_;
  std::optional<api::Host> host_;
  std::optional<api::PluginObserver> observer_;
};

// QEMU's "-plugin" among the options of `command`, which end at the program's
// name, becomes "--plugin".
void AcceptOneDash(const CLI::App& command, std::vector<std::string>& words);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_PLUGINS_H_
