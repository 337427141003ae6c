#include "plugin/cli/script_run.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/not_negative.h"
#include "plugin/cli/read_file.h"
#include "plugin/lab/script_claims.h"
#include "plugin/script/interpreter.h"

namespace faultline::cli {
namespace {

namespace fs = std::filesystem;

struct Source {
  std::string name;
  std::string text;
  std::function<absl::StatusOr<std::string>(const std::string&)> read;
};

absl::StatusOr<Source> Find(const ScriptRunOptions& o) {
  Source source;
  if (o.file.empty()) {
    source.name = absl::StrCat(absl::AsciiStrToLower(o.claim), ".lua");
    source.text = std::string(lab::ScriptFile(source.name));
    source.read = lab::ReadScriptFile;
    if (source.text.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("no script of claim ", o.claim));
    }
    return source;
  }
  const fs::path path(o.file);
  absl::StatusOr<std::string> text = ReadFile(path.string());
  if (!text.ok()) {
    return text.status();
  }
  source.name = path.filename().string();
  source.text = *std::move(text);
  source.read = [folder = path.parent_path()](
                    const std::string& name) -> absl::StatusOr<std::string> {
    if (name.empty() || name.front() == '.' ||
        name.find('/') != std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "include '", name, "': a file of the script's own folder"));
    }
    return ReadFile((folder / name).string());
  };
  return source;
}

std::vector<std::string> Words(const ScriptRunOptions& o) {
  std::vector<std::string> words = {"--arch", o.arch};
  const auto option = [&](const char* name, const std::string& value) {
    if (!value.empty()) {
      words.insert(words.end(), {name, value});
    }
  };
  option("--claim", o.claim);
  option("--kernel", o.kernel);
  for (const std::string& b : o.behaviours) {
    option("--behaviour", b);
  }
  option("--replay", o.replay);
  if (!o.file.empty()) {
    words.push_back(o.file);
    words.insert(words.end(), o.arguments.begin(), o.arguments.end());
  }
  return words;
}

absl::Status ParseReplay(const std::string& text,
                         script::ScriptOptions& options) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(text.substr(0, colon), &options.replay_exploration)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--replay ", text, ": NUMBER:SCHEDULE"));
  }
  options.replay_schedule = text.substr(colon + 1);
  return absl::OkStatus();
}

// "violated: ..." or what else came out of a replay, from what it prints.
std::string LastLine(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  const size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

struct Ran {
  int status = kExitHeld;
  std::optional<uint64_t> replayed_hash;
};

// `running`: the script, once there is one.
absl::StatusOr<std::unique_ptr<trace::TraceWriter>> OpenTrace(
    const ScriptRunOptions& o, const Source& source,
    script::Script* const& running) {
  const auto options = ParseTraceFlags(o.trace);
  if (!options.ok()) {
    return options.status();
  }
  auto writer = trace::TraceWriter::Open(*options, [&running] {
    return running == nullptr ? 0 : running->trace().now();
  });
  if (writer.ok()) {
    constexpr uint64_t kPage = 4096;  // of all machines that scripts make
    (*writer)->Begin(o.arch, source.name, kPage);
  }
  return writer;
}

absl::StatusOr<Ran> RunIt(const ScriptRunOptions& o) {
  const absl::StatusOr<Source> source = Find(o);
  if (!source.ok()) {
    return source.status();
  }
  script::ScriptOptions options;
  options.machine.arch =
      o.arch == "arm64" ? engine::Arch::kArm64 : engine::Arch::kX86;
  options.kernel = o.kernel;
  options.behaviours = o.behaviours;
  options.search = o.search;
  options.seed = o.seed;
  options.arguments = o.arguments;
  options.read = source->read;
  std::string printed;
  options.print = [&printed](const std::string& text) {
    printed = text;
    std::fputs(text.c_str(), stdout);
  };
  options.make_token = [&o](int exploration, const std::string& schedule,
                            uint64_t hash) {
    ScriptRunOptions again = o;
    again.replay = absl::StrCat(exploration, ":", schedule);
    return explore::Encode({.command = "script",
                            .cwd = fs::current_path().string(),
                            .words = Words(again),
                            .trace_hash = hash});
  };
  if (!o.replay.empty()) {
    if (absl::Status s = ParseReplay(o.replay, options); !s.ok()) {
      return s;
    }
  }
  std::unique_ptr<trace::TraceWriter> writer;
  script::Script* running = nullptr;
  if (!o.trace.file.empty()) {
    auto made = OpenTrace(o, *source, running);
    if (!made.ok()) {
      return made.status();
    }
    writer = *std::move(made);
    options.trace = {writer.get(), writer->kinds(), writer->wants_points()};
  }
  script::Script script(options);
  running = &script;
  const absl::Status ran = script.Run(source->name, source->text);
  if (writer != nullptr) {
    writer->End(!ran.ok()           ? absl::StrCat("error: ", ran.message())
                : !o.replay.empty() ? LastLine(printed)
                : script.report().violated ? "violated"
                                           : "held");
    if (absl::Status s = writer->Close(); !s.ok()) {
      return s;
    }
  }
  // Of a replay, the story of that one schedule is all that is asked for.
  if (o.replay.empty()) {
    std::fputs(script::Render(script.report()).c_str(), stdout);
    if (!ran.ok()) {
      return ran;
    }
  }
  if (!o.replay.empty() && !script.replayed_hash.has_value()) {
    return ran.ok() ? absl::InvalidArgumentError(absl::StrCat(
                          "--replay ", o.replay,
                          ": the script has no explore{} of that number"))
                    : ran;
  }
  bool held = !script.report().violated;
  for (const script::Report::Row& row : script.report().rows) {
    held = held && row.held;
  }
  return Ran{.status = !held                       ? kExitViolated
                       : script.report().undecided ? kExitUndecided
                                                   : kExitHeld,
             .replayed_hash = script.replayed_hash};
}

}  // namespace

void AddScriptFlags(CLI::App& command, ScriptRunOptions& o) {
  command.add_option("--arch", o.arch, "Of machines that do not say")
      ->check(CLI::IsMember({"x86_64", "arm64"}))
      ->capture_default_str();
  command.add_option("--kernel", o.kernel, "Rules of machines that do not say");
  command.add_option("--behaviour", o.behaviours, "Set one rule: NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--search,--strategy", o.search,
                     "exhaustive[:PREEMPTIONS] | full[:PREEMPTIONS] | "
                     "random[:RUNS] | pct[:DEPTH[:RUNS]], whatever explore{} "
                     "says");
  command.add_option("--seed", o.seed, "Of random searches")
      ->check(NotNegative());
  command.add_option("--replay", o.replay,
                     "NUMBER:SCHEDULE: one schedule of an explore{}, told");
}

absl::StatusOr<int> RunScript(const ScriptRunOptions& options) {
  const absl::StatusOr<Ran> ran = RunIt(options);
  if (!ran.ok()) {
    return ran.status();
  }
  return ran->status;
}

absl::StatusOr<int> ReplayScript(const explore::Token& token,
                                 const TraceFlags& trace) {
  ScriptRunOptions o;
  o.trace = trace;
  CLI::App parser;
  AddScriptFlags(parser, o);
  parser.add_option("--claim", o.claim);
  parser.add_option("FILE", o.file);
  parser.add_option("ARG", o.arguments);
  std::vector<std::string> words(token.words.rbegin(), token.words.rend());
  try {
    parser.parse(words);
  } catch (const CLI::ParseError& e) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a replay token: ", e.what()));
  }
  if (o.replay.empty()) {
    return absl::InvalidArgumentError("not a replay token: no schedule in it");
  }
  if (!o.file.empty() && fs::path(o.file).is_relative()) {
    o.file = (fs::path(token.cwd) / o.file).string();
  }
  const absl::StatusOr<Ran> ran = RunIt(o);
  if (!ran.ok()) {
    return ran.status();
  }
  const bool same = ran->replayed_hash == token.trace_hash;
  absl::FPrintF(stderr, "faultline: the story is %s\n",
                same ? "the token's"
                     : "not the token's: the script or Faultline has changed");
  return same ? kExitHeld : kExitViolated;
}

}  // namespace faultline::cli
