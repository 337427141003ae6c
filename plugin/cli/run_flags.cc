#include "plugin/cli/run_flags.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace faultline::cli {

void AddRunFlags(CLI::App& c, RunOptions& o) {
  c.prefix_command();
  c.add_option("--seed", o.seed, "Of everything random in the machine");
  c.add_option("--mem", o.memory, "Its memory: 512M, 2G")
      ->capture_default_str();
  c.add_option("--swap", o.swap, "Room to swap to: 512M (default: none)");
  c.add_option("--disk", o.disk, "A disk on /disk: 64M (default: none)");
  c.add_flag("--la57", o.la57, "x86-64: page tables of five levels");
  c.add_option("--granule", o.granule, "arm64: pages of 4K, 16K or 64K")
      ->capture_default_str();
  c.add_flag("--validate", o.validate,
             "Check the memory manager after every call and fault (slow)");
  c.add_option("--schedule", o.schedule,
               "rr | random[:SEED] | replay:TOKEN | replay:@FILE")
      ->capture_default_str();
  c.add_option("--kernel", o.kernel,
               "Follow the rules of this Linux (6.1 or so) instead of 6.12's");
  c.add_option("--behaviour", o.behaviours,
               "Set one rule: NAME=VALUE (see `faultline behaviours`)")
      ->allow_extra_args(false);
  c.add_option("--bind", o.binds, "Show a host path: HOST:GUEST[:rw]")
      ->allow_extra_args(false);
  c.add_option("--set", o.sets, "Write a file before the start: PATH=VALUE")
      ->allow_extra_args(false);
  c.add_option("--user", o.uid, "User and group of the program");
  c.add_option("--env", o.env, "Set an environment variable: K=V")
      ->allow_extra_args(false);
  c.add_option("--inject", o.injects,
               "Make something fail or happen: SITE[:nth=N]...[=ACTION] "
               "(see `faultline sites`)")
      ->allow_extra_args(false);
  c.add_option("--points", o.points,
               "Let threads switch at each instruction: user | "
               "user:FUNCTION[,FUNCTION...] (slow; see docs/exploring.md)");
  c.add_option("--time-limit", o.time_limit_ns,
               "End the run after so many nanoseconds of the machine's time");
  c.add_flag("--no-aslr", o.no_aslr, "Place everything at fixed addresses");
}

absl::Status TakeCommand(const CLI::App& command, const std::string& name,
                         RunOptions& options) {
  options.command = command.remaining();
  if (options.command.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": no program named"));
  }
  if (options.command.front().starts_with("-")) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": unknown option ", options.command.front()));
  }
  return absl::OkStatus();
}

std::vector<std::string> RunWords(const RunOptions& o) {
  const RunOptions usual;
  std::vector<std::string> words;
  const auto value = [&words](const char* name, const std::string& text,
                              const std::string& as_usual) {
    if (text != as_usual) {
      words.insert(words.end(), {name, text});
    }
  };
  const auto number = [&value](const char* name, uint64_t n) {
    value(name, absl::StrCat(n), "0");
  };
  const auto flag = [&words](const char* name, bool on) {
    if (on) {
      words.emplace_back(name);
    }
  };
  const auto each = [&words](const char* name,
                             const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      words.insert(words.end(), {name, text});
    }
  };
  number("--seed", o.seed);
  value("--mem", o.memory, usual.memory);
  value("--swap", o.swap, usual.swap);
  value("--disk", o.disk, usual.disk);
  flag("--la57", o.la57);
  value("--granule", o.granule, usual.granule);
  flag("--validate", o.validate);
  value("--schedule", o.schedule, usual.schedule);
  value("--kernel", o.kernel, usual.kernel);
  each("--behaviour", o.behaviours);
  each("--bind", o.binds);
  each("--set", o.sets);
  number("--user", o.uid);
  each("--env", o.env);
  each("--inject", o.injects);
  value("--points", o.points, "");
  number("--time-limit", o.time_limit_ns);
  flag("--no-aslr", o.no_aslr);
  words.insert(words.end(), o.command.begin(), o.command.end());
  return words;
}

absl::StatusOr<RunOptions> ParseRunWords(
    const std::vector<std::string>& words) {
  RunOptions options;
  CLI::App app;
  app.set_help_flag();
  AddRunFlags(app, options);
  try {
    // It takes them from the end.
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& e) {
    return absl::InvalidArgumentError(e.what());
  }
  if (absl::Status s = TakeCommand(app, "replay", options); !s.ok()) {
    return s;
  }
  return options;
}

}  // namespace faultline::cli
