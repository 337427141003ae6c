// The command line: picks the command.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "plugin/cli/behaviours_command.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/explore_command.h"
#include "plugin/cli/lab_command.h"
#include "plugin/cli/manual.h"
#include "plugin/cli/merge_command.h"
#include "plugin/cli/plugins.h"
#include "plugin/cli/replay_command.h"
#include "plugin/cli/report_command.h"
#include "plugin/cli/run_command.h"
#include "plugin/cli/script_command.h"
#include "plugin/cli/sites_command.h"
#include "plugin/cli/sweep_command.h"
#include "plugin/cli/syscalls_command.h"

namespace {

bool IsCommand(const CLI::App& app, const std::string& word) {
  return std::ranges::any_of(
      app.get_subcommands(nullptr),
      [&word](const CLI::App* command) { return command->check_name(word); });
}

}  // namespace

int main(int argc, char** argv) {
  // Whoever reads our output may leave: the guest is told, and decides.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Runs Linux programs on a memory manager you can see into.",
               "faultline");
  app.require_subcommand(1);
  app.set_version_flag("--version", FAULTLINE_VERSION);
  faultline::cli::RunCommand run(app);
  faultline::cli::SweepCommand sweep(app);
  const faultline::cli::MergeCommand merge(app);
  faultline::cli::ReplayCommand replay(app);
  const faultline::cli::LabCommand lab(app);
  const faultline::cli::ScriptCommand script(app);
  const faultline::cli::ReportCommand report(app);
  faultline::cli::ExploreCommand explore(app);
  faultline::cli::AddSyscallsCommand(app);
  faultline::cli::AddBehavioursCommand(app);
  faultline::cli::AddSitesCommand(app);
  faultline::cli::AddManualCommands(app);
  std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words[0] == "run") {
    std::vector<std::string> options(words.begin() + 1, words.end());
    faultline::cli::AcceptOneDash(run.command(), options);
    std::copy(options.begin(), options.end(), words.begin() + 1);
  }
  if (words.empty() ||
      (!words[0].starts_with('-') && !IsCommand(app, words[0]))) {
    std::fprintf(stderr, "faultline: %s; `faultline --help` lists commands\n",
                 words.empty()
                     ? "no command"
                     : ("no command is called '" + words[0] + "'").c_str());
    return faultline::cli::kExitUsage;
  }
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  try {
    app.parse(std::move(words));
  } catch (const CLI::Success& e) {
    return app.exit(e);  // --help
  } catch (const CLI::ParseError& e) {
    std::fprintf(stderr, "faultline: %s\n", e.what());
    return faultline::cli::kExitUsage;
  }
  if (lab.chosen()) {
    return lab.Run();
  }
  if (explore.chosen()) {
    return explore.Run();
  }
  if (script.chosen()) {
    return script.Run();
  }
  if (report.chosen()) {
    return report.Run();
  }
  if (replay.chosen()) {
    return replay.Run();
  }
  if (sweep.chosen()) {
    return sweep.Run();
  }
  if (merge.chosen()) {
    return merge.Run();
  }
  return run.chosen() ? run.Run() : 0;
}
