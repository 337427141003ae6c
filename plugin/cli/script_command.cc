#include "plugin/cli/script_command.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "plugin/cli/exit_status.h"
#include "plugin/script/interpreter.h"

namespace faultline::cli {
namespace {

constexpr int kExitHeld = 0, kExitViolated = 1, kExitUndecided = 3;

absl::StatusOr<std::string> ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path.string()));
  }
  return text.str();
}

}  // namespace

ScriptCommand::ScriptCommand(CLI::App& app) {
  command_ = app.add_subcommand("script", "Run an experiment written in Lua");
  command_->add_option("FILE", file_, "The script (docs/scripts.md)");
  command_->add_option("ARG", arguments_,
                       "The table `arguments` of the script");
  command_->add_option("--arch", arch_, "Of machines that do not say")
      ->check(CLI::IsMember({"x86_64", "arm64"}))
      ->capture_default_str();
  command_->add_option("--kernel", kernel_,
                       "Rules of machines that do not say");
  command_->add_option("--behaviour", behaviours_, "Set one rule: NAME=VALUE")
      ->allow_extra_args(false);
  command_->add_option("--search", search_,
                       "exhaustive[:PREEMPTIONS] | random[:RUNS] | "
                       "pct[:DEPTH[:RUNS]], whatever explore{} says");
  command_->add_option("--seed", seed_, "Of random searches");
  command_->add_flag("--api", api_, "Print what scripts can call, and end");
}

int ScriptCommand::Run() const {
  if (api_) {
    std::fputs(script::RenderApi().c_str(), stdout);
    return kExitHeld;
  }
  const std::filesystem::path path(file_);
  const auto source = ReadText(path);
  if (!source.ok()) {
    return Complain(source.status());
  }
  script::ScriptOptions options;
  options.machine.arch =
      arch_ == "arm64" ? engine::Arch::kArm64 : engine::Arch::kX86;
  options.kernel = kernel_;
  options.behaviours = behaviours_;
  options.search = search_;
  options.seed = seed_;
  options.arguments = arguments_;
  options.print = [](const std::string& text) {
    std::fputs(text.c_str(), stdout);
  };
  options.read = [&](const std::string& name) -> absl::StatusOr<std::string> {
    if (name.empty() || name.front() == '.' ||
        name.find('/') != std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "include '", name, "': a file of the script's own folder"));
    }
    return ReadText(path.parent_path() / name);
  };
  script::Script script(options);
  const absl::Status ran = script.Run(path.filename().string(), *source);
  std::fputs(script::Render(script.report()).c_str(), stdout);
  if (!ran.ok()) {
    return Complain(ran);
  }
  bool held = !script.report().violated;
  for (const script::Report::Row& row : script.report().rows) {
    held = held && row.held;
  }
  return !held                       ? kExitViolated
         : script.report().undecided ? kExitUndecided
                                     : kExitHeld;
}

}  // namespace faultline::cli
