#include "tests/differential/driver/side.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace faultline::differential {
namespace {

// So that a deadlock becomes a short trace: a machine's boot, and for each
// argument more than a case takes on a machine that is itself emulated.
std::string SecondsFor(const std::vector<std::string>& arguments) {
  return std::to_string(60 + 3 * arguments.size());
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[1 << 16];
  ssize_t n = 0;
  while ((n = read(fd, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(n));
  }
  return text;
}

absl::StatusOr<std::string> Capture(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::InternalError("no pipe");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  pid_t pid = 0;
  int error =
      posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text = error == 0 ? ReadAll(ends[0]) : "";
  close(ends[0]);
  if (error != 0) {
    return absl::NotFoundError(absl::StrCat("cannot run ", command[0]));
  }
  waitpid(pid, nullptr, 0);
  return text;
}

}  // namespace

absl::StatusOr<std::string> RunProgram(
    const Side& side, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"timeout", SecondsFor(arguments)};
  command.insert(command.end(), side.runner.begin(), side.runner.end());
  command.push_back(side.program);
  command.insert(command.end(), side.options.begin(), side.options.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Capture(command);
}

std::vector<Trace> SplitCases(const std::string& text, size_t count) {
  std::vector<Trace> traces(count);
  size_t started = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "case ")) {
      started++;
    } else if (started > 0 && started <= count && !line.empty()) {
      traces[started - 1].emplace_back(line);
    }
  }
  return traces;
}

absl::StatusOr<std::vector<Trace>> RunCases(
    const Side& side, const std::vector<std::string>& cases,
    absl::Span<const std::string> options) {
  std::vector<std::string> arguments(options.begin(), options.end());
  arguments.insert(arguments.end(), cases.begin(), cases.end());
  absl::StatusOr<std::string> text = RunProgram(side, arguments);
  if (!text.ok()) {
    return text.status();
  }
  return SplitCases(*text, cases.size());
}

bool Complete(const Trace& trace) {
  return !trace.empty() && absl::StartsWith(trace.back(), "end 0 ");
}

size_t FirstDifference(const Trace& a, const Trace& b) {
  auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_a == a.end() && in_b == b.end()) {
    return kSame;
  }
  return static_cast<size_t>(in_a - a.begin());
}

}  // namespace faultline::differential
