#include "plugin/cli/run_command.h"

#include <cstdio>
#include <filesystem>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "plugin/cli/program_arch.h"
#include "plugin/cli/run_observer.h"
#include "plugin/cli/run_stats.h"
#include "plugin/cli/trace_file.h"
#include "plugin/linux/console.h"
#include "plugin/linux/fs/proc/procfs.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::cli {
namespace {

namespace fs = std::filesystem;

int Complain(int status, absl::string_view what) {
  absl::FPrintF(stderr, "faultline: %s\n", what);
  return status;
}

absl::Status BadUsage(std::string why) {
  return absl::InvalidArgumentError(std::move(why));
}

// HOST:GUEST[:rw].
absl::Status Bind(os::Kernel& kernel, const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  const bool rw = parts.size() == 3 && parts[2] == "rw";
  if (parts.size() < 2 || parts.size() > 3 || (parts.size() == 3 && !rw) ||
      parts[0].empty() || parts[1].empty() || parts[1][0] != '/') {
    return BadUsage(absl::StrCat("--bind ", text,
                                 ": must be HOST:/GUEST or HOST:/GUEST:rw"));
  }
  return kernel.vfs().Bind(parts[0], parts[1],
                           rw ? os::ReadOnly::kNo : os::ReadOnly::kYes);
}

// PATH=VALUE.
absl::Status Set(os::Kernel& kernel, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || text[0] != '/') {
    return BadUsage(absl::StrCat("--set ", text, ": must be /PATH=VALUE"));
  }
  return os::WriteKnob(kernel, text.substr(0, equals), text.substr(equals + 1));
}

absl::Status PrepareFiles(os::Kernel& kernel, const RunOptions& o,
                          const fs::path& program, const fs::path& cwd) {
  for (const std::string& bind : o.binds) {
    if (absl::Status s = Bind(kernel, bind); !s.ok()) {
      return s;
    }
  }
  if (absl::Status s = kernel.vfs().Bind(program.string(), program.string(),
                                         os::ReadOnly::kYes);
      !s.ok()) {
    return s;
  }
  for (const std::string& set : o.sets) {
    if (absl::Status s = Set(kernel, set); !s.ok()) {
      return s;
    }
  }
  return kernel.vfs().MakeDirs(cwd.string());
}

os::Program MakeProgram(const RunOptions& o, const fs::path& program,
                        const fs::path& cwd) {
  os::Program p;
  p.path = program.string();
  p.argv = o.command;
  p.cwd = cwd.string();
  p.envp = {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
            "HOME=/root", "TERM=dumb"};
  for (const std::string& e : o.env) {
    p.envp.push_back(e);
  }
  return p;
}

absl::StatusOr<mm::BehaviourSet> Behaviours(const RunOptions& o) {
  mm::BehaviourSet set;
  if (!o.kernel.empty()) {
    auto picked = mm::BehaviourSet::ForKernel(o.kernel);
    if (!picked.ok()) {
      return picked.status();
    }
    set = *picked;
  }
  for (const std::string& assignment : o.behaviours) {
    if (absl::Status s = set.Override(assignment); !s.ok()) {
      return s;
    }
  }
  return set;
}

int Finish(os::Kernel& kernel, const os::RunResult& result) {
  if (!kernel.failure().ok()) {
    return Complain(kExitOurFailure, kernel.failure().message());
  }
  if (result.kind == os::RunResult::Kind::kDeadlock) {
    return Complain(kExitOurFailure,
                    absl::StrCat("deadlock: no task can go on\n", result.why));
  }
  return result.exit_status();
}

// Options end at the program's name; what follows is the program's own.
class RunUsage : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "\nUsage: faultline run [OPTIONS] PROGRAM [ARG...]\n"
           "\nThe exit status is the program's, 128 and the signal's number if "
           "one killed it,\n125 if Faultline failed, 2 if it was called "
           "wrongly.\n";
  }
};

}  // namespace

uint64_t ParseSize(const std::string& text) {
  uint64_t unit = 1;
  std::string digits = text;
  if (!digits.empty()) {
    switch (digits.back()) {
      case 'G':
        unit <<= 10;
        [[fallthrough]];
      case 'M':
        unit <<= 10;
        [[fallthrough]];
      case 'K':
        unit <<= 10;
        digits.pop_back();
        break;
      default:
        break;
    }
  }
  uint64_t n = 0;
  if (!absl::SimpleAtoi(digits, &n) || n > ~uint64_t{0} / unit) {
    return 0;
  }
  return n * unit;
}

RunCommand::RunCommand(CLI::App& app) {
  CLI::App* c = app.add_subcommand("run", "Run one program");
  c->formatter(std::make_shared<RunUsage>());
  command_ = c;
  RunOptions& o = options_;
  c->prefix_command();
  c->add_option("--seed", o.seed, "Of everything random in the machine");
  c->add_option("--mem", o.memory, "Its memory: 512M, 2G")
      ->capture_default_str();
  c->add_flag("--strace", o.strace, "Print system calls and signals");
  c->add_option("--trace", o.trace_file, "Write events to FILE, as JSON lines");
  c->add_flag("--stats", o.stats, "Print counts at the end");
  c->add_option("--schedule", o.schedule, "rr | random[:SEED] | replay:TOKEN")
      ->capture_default_str();
  c->add_option("--kernel", o.kernel, "Follow the rules of this Linux: 6.1");
  c->add_option("--behaviour", o.behaviours,
                "Set one rule: NAME=VALUE (see `faultline behaviours`)")
      ->allow_extra_args(false);
  c->add_option("--bind", o.binds, "Show a host path: HOST:GUEST[:rw]")
      ->allow_extra_args(false);
  c->add_option("--set", o.sets, "Write a file before the start: PATH=VALUE")
      ->allow_extra_args(false);
  c->add_option("--user", o.uid, "User and group of the program");
  c->add_option("--env", o.env, "Set an environment variable: K=V")
      ->allow_extra_args(false);
  c->add_flag("-d", o.disassemble, "Disassemble around every fault");
  c->add_flag("--ptdump", o.dump_page_tables,
              "Print page tables at the end or on a fatal signal");
  c->add_flag("--no-aslr", o.no_aslr, "Place everything at fixed addresses");
}

int RunCommand::Run() {
  options_.command = command_->remaining();
  const RunOptions& o = options_;
  if (o.command.empty()) {
    return Complain(kExitUsage, "run: no program named");
  }
  if (o.command.front().starts_with("-")) {
    return Complain(kExitUsage,
                    absl::StrCat("run: unknown option ", o.command.front()));
  }
  std::error_code error;
  const fs::path program =
      fs::absolute(o.command.front(), error).lexically_normal();
  const fs::path cwd = fs::current_path(error);
  auto arch = ProgramArch(program.string());
  if (!arch.ok()) {
    return Complain(kExitOurFailure, arch.status().message());
  }
  const auto behaviours = Behaviours(o);
  if (!behaviours.ok()) {
    return Complain(kExitUsage, behaviours.status().message());
  }
  os::KernelOptions options;
  options.behaviours = *behaviours;
  options.arch = *arch;
  options.memory_bytes = ParseSize(o.memory);
  options.seed = o.seed;
  options.schedule = o.schedule;
  options.uid = options.gid = o.uid;
  options.aslr = !o.no_aslr;
  if (options.memory_bytes == 0) {
    return Complain(kExitUsage,
                    absl::StrCat("--mem ", o.memory, ": not a size"));
  }
  for (const std::string& set : o.sets) {
    const size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0 || set[0] != '/') {
      return Complain(kExitUsage,
                      absl::StrCat("--set ", set, ": must be /PATH=VALUE"));
    }
    options.settings.emplace_back(set.substr(0, equals),
                                  set.substr(equals + 1));
  }
  for (const std::string& env : o.env) {
    if (env.find('=') == std::string::npos) {
      return Complain(kExitUsage, absl::StrCat("--env ", env, ": must be K=V"));
    }
  }
  os::HostConsole console;
  auto kernel = os::Kernel::Create(options, console);
  if (!kernel.ok()) {
    return Complain(kExitOurFailure, kernel.status().message());
  }
  absl::Status s = PrepareFiles(**kernel, o, program, cwd);
  if (s.ok()) {
    s = (*kernel)->Start(MakeProgram(o, program, cwd));
  }
  if (!s.ok()) {
    return Complain(kExitOurFailure, s.message());
  }
  RunObserver observer({.strace = o.strace,
                        .disassemble = o.disassemble,
                        .dump_page_tables = o.dump_page_tables});
  (*kernel)->set_observer(&observer);
  auto trace = TraceFile::Open(**kernel, o.trace_file, o.stats);
  if (!trace.ok()) {
    return Complain(kExitOurFailure, trace.status().message());
  }
  const os::RunResult result = (*kernel)->Run();
  if (o.stats) {
    absl::FPrintF(stderr, "%s%s", RenderStats(**kernel), (*trace)->Summary());
  }
  return Finish(**kernel, result);
}

}  // namespace faultline::cli
