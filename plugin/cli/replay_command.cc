#include "plugin/cli/replay_command.h"

#include <cstdint>
#include <cstdio>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/read_file.h"
#include "plugin/cli/run_command.h"
#include "plugin/cli/run_flags.h"
#include "plugin/cli/script_run.h"
#include "plugin/explore/token.h"

namespace faultline::cli {
namespace {

constexpr int kExitDiffers = 1;

// Tokens are of runs without input: it would have to be in them.
class NoInput : public os::HostConsole {
 public:
  bool InputReady() override { return true; }
  ErrnoOr<size_t> Read(absl::Span<std::byte>) override { return size_t{0}; }
};

// "@FILE": the token is the file's first line.
absl::StatusOr<std::string> ReadToken(const std::string& text) {
  if (!text.starts_with("@")) {
    return text;
  }
  const absl::StatusOr<std::string> all = ReadFile(text.substr(1));
  return all.ok() ? all->substr(0, all->find('\n')) : all;
}

}  // namespace

ReplayCommand::ReplayCommand(CLI::App& app) {
  command_ = app.add_subcommand(
      "replay", "Have the run of a token again, and compare its trace");
  AddPrintFlags(*command_, printing_);
  command_
      ->add_option("TOKEN", token_,
                   "As `faultline sweep` prints them, or @FILE")
      ->required();
}

int ReplayCommand::Run() {
  DebuggedRun debugged;
  const absl::StatusOr<int> status = Replay(debugged);
  return debugged.End(status.ok() ? *status : Complain(status.status()));
}

absl::StatusOr<int> ReplayCommand::Replay(DebuggedRun& debugged) {
  const absl::StatusOr<std::string> text = ReadToken(token_);
  if (!text.ok()) {
    return text.status();
  }
  const absl::StatusOr<explore::Token> token = explore::Decode(*text);
  if (!token.ok()) {
    return token.status();
  }
  if (token->command == "script") {
    return ReplayScript(*token, printing_.trace);
  }
  if (token->command != "run") {
    return absl::InvalidArgumentError(
        absl::StrCat("not a replay token: of `faultline ", token->command,
                     "`, which is not known here"));
  }
  absl::StatusOr<RunOptions> options = ParseRunWords(token->words);
  if (!options.ok()) {
    return options.status();
  }
  options->cwd = token->cwd;
  options->strace = printing_.strace;
  options->trace = printing_.trace;
  options->gdb = printing_.gdb;
  options->stats = printing_.stats;
  options->watch = printing_.watch;
  options->uffd_stats = printing_.uffd_stats;
  options->disassemble = printing_.disassemble;
  options->dump_page_tables = printing_.dump_page_tables;
  NoInput console;
  std::optional<uint64_t> hash;
  const absl::StatusOr<int> status =
      RunProgram(*options, console, &hash, debugged);
  if (!token->trace_hash.has_value() || !hash.has_value()) {
    return status;
  }
  const bool same = *hash == *token->trace_hash;
  absl::FPrintF(
      stderr, "faultline: trace hash 0x%016x, %s\n", *hash,
      same ? "as the token's"
           : absl::StrFormat("but the token's is 0x%016x: the program, a file "
                             "that it reads or Faultline has changed",
                             *token->trace_hash));
  return same ? status : kExitDiffers;
}

}  // namespace faultline::cli
