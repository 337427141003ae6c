#include "tests/differential/driver/comparison.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <optional>
#include <random>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/differential/driver/masks.h"
#include "tests/differential/driver/reproducer.h"
#include "tests/differential/driver/shrink.h"

namespace faultline::differential {
namespace {

// The newest profile that is not newer than `release` ("6.18.44-fc").
std::string ProfileOf(const std::string& release) {
  const mm::KernelVersion version = VersionOf(release);
  mm::KernelVersion newest = mm::Profiles().front();
  for (const mm::KernelVersion profile : mm::Profiles()) {
    newest = profile <= version ? profile : newest;
  }
  return mm::ToString(newest);
}

double Now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

mm::KernelVersion VersionOf(const std::string& release) {
  mm::KernelVersion version;
  std::sscanf(release.c_str(), "%d.%d", &version.major, &version.minor);
  return version;
}

int Comparison::SetUp() {
  if (settings_.seeds.empty()) {
    first_ = std::random_device()() % 100'000'000;
    last_ = first_ + 1'000'000;
  } else {
    std::vector<std::string> ends = absl::StrSplit(settings_.seeds, "..");
    first_ = std::stoull(ends[0]);
    last_ = std::stoull(ends.back());
  }
  const std::string program =
      absl::StrCat(settings_.tree, "/guests/", settings_.arch, "/differential/",
                   settings_.tags ? "tags" : "program");
  linux_ = {"linux", {}, program, {}};
  if (!settings_.oracle.empty()) {
    linux_.runner = absl::StrSplit(settings_.oracle, ' ', absl::SkipEmpty());
    linux_.runner.push_back("--");
  }
  // The same rules, where Linux has changed them.
  faultline_ = {"faultline",
                {settings_.tree + "/faultline", "run", "--kernel",
                 ProfileOf(settings_.release)},
                program,
                {}};
  faultline_.runner.insert(faultline_.runner.end(),
                           settings_.run_options.begin(),
                           settings_.run_options.end());
  absl::StatusOr<std::string> lacking = RunProgram(linux_, {"--probe"});
  if (!lacking.ok()) {
    std::fprintf(stderr, "%s\n", lacking.status().ToString().c_str());
    return 2;
  }
  std::vector<std::string> options = {"--steps",
                                      std::to_string(settings_.steps)};
  std::vector<std::string> without;
  for (absl::string_view line :
       absl::StrSplit(*lacking, '\n', absl::SkipEmpty())) {
    if (absl::ConsumePrefix(&line, "!")) {
      std::printf("skipped: Linux does not run it as it must: %s\n",
                  std::string(line).c_str());
      return kSkipped;
    }
    if (absl::ConsumePrefix(&line, "@")) {
      for (const absl::string_view word : absl::StrSplit(line, ' ')) {
        options.emplace_back(word);
      }
      continue;
    }
    without.emplace_back(line);
  }
  without.insert(without.end(), settings_.without.begin(),
                 settings_.without.end());
  if (settings_.huge_pages) {
    options.push_back("--huge-pages");
  }
  if (settings_.userfaults) {
    options.push_back("--userfaults");
  }
  for (const std::string& name : without) {
    options.insert(options.end(), {"--without", name});
  }
  for (const std::string& mask :
       MasksFor(ReadFile("docs/deviations.md"), settings_.release)) {
    options.insert(options.end(), {"--mask", mask});
  }
  std::printf("program options: %s\n", absl::StrJoin(options, " ").c_str());
  linux_.options = faultline_.options = options;
  return 0;
}

Comparison::Pair Comparison::RunBoth(const std::vector<std::string>& cases,
                                     absl::Span<const std::string> options) {
  auto timed = [&](const Side& side, double& total) {
    double start = Now();
    absl::StatusOr<std::vector<Trace>> traces = RunCases(side, cases, options);
    std::lock_guard lock(mutex_);
    total += Now() - start;
    return traces.ok() ? *std::move(traces) : std::vector<Trace>(cases.size());
  };
  std::future<std::vector<Trace>> linux_traces =
      std::async(std::launch::async, [&] { return timed(linux_, linux_s_); });
  std::vector<Trace> faultline_traces = timed(faultline_, faultline_s_);
  return {linux_traces.get(), std::move(faultline_traces)};
}

void Comparison::Tell(uint64_t seed, absl::string_view what, const Pair& traces,
                      size_t i) {
  const size_t line = FirstDifference(traces.first[i], traces.second[i]);
  const auto at = [line](const Trace& trace) {
    return line < trace.size() ? trace[line].c_str() : "nothing";
  };
  std::lock_guard lock(mutex_);
  std::printf("difference: %llu, %s\n", static_cast<unsigned long long>(seed),
              std::string(what).c_str());
  std::printf("linux:     %s\nfaultline: %s\n", at(traces.first[i]),
              at(traces.second[i]));
  std::fflush(stdout);
}

std::string Comparison::WriteReproducer(uint64_t seed, const Trace& trace) {
  const World world = settings_.huge_pages   ? World::kHugePages
                      : settings_.userfaults ? World::kUserfaults
                                             : World::kSmallPages;
  absl::StatusOr<std::string> program = Reproducer(".", world, seed, trace);
  std::string path = absl::StrCat(settings_.tree, "/reproducer_", seed, ".c");
  std::ofstream(path) << program.value_or("");
  return path;
}

void Comparison::Shorten(uint64_t seed, const Trace& linux_trace, size_t line) {
  Steps steps;
  for (int i = 0; settings_.tags && i < settings_.steps; i++) {
    steps.push_back(i);  // a program of tags tells of its end only
  }
  for (size_t i = 0; i <= line && i < linux_trace.size(); i++) {
    int step = 0;
    if (std::sscanf(linux_trace[i].c_str(), "%d ", &step) == 1) {
      steps.push_back(step);
    }
  }
  const auto to_case = [seed](const Steps& list) {
    return absl::StrCat(seed, ":", absl::StrJoin(list, ","));
  };
  steps = Shrink(steps, [&](const std::vector<Steps>& lists) {
    std::vector<std::string> cases(lists.size());
    std::transform(lists.begin(), lists.end(), cases.begin(), to_case);
    auto [on_linux, in_faultline] = RunBoth(cases);
    std::vector<bool> differ;
    for (size_t i = 0; i < cases.size(); i++) {
      differ.push_back(FirstDifference(on_linux[i], in_faultline[i]) != kSame);
    }
    return differ;
  });
  auto [short_linux, short_faultline] = RunBoth({to_case(steps)});
  auto [on_linux, in_faultline] = RunBoth({to_case(steps)}, {{"--verbose"}});
  size_t at = FirstDifference(on_linux[0], in_faultline[0]);
  const std::string program =
      settings_.tags ? "none" : WriteReproducer(seed, short_linux[0]);
  std::lock_guard lock(mutex_);
  std::printf("difference: %s, as a program: %s\n", to_case(steps).c_str(),
              program.c_str());
  for (size_t i = 0; i < short_linux[0].size(); i++) {
    std::printf("  %s\n", short_linux[0][i].c_str());
  }
  for (size_t i = at; i < at + 3 && at != kSame; i++) {
    if (i < on_linux[0].size()) {
      std::printf("linux:     %s\n", on_linux[0][i].c_str());
    }
    if (i < in_faultline[0].size()) {
      std::printf("faultline: %s\n", in_faultline[0][i].c_str());
    }
  }
  std::fflush(stdout);
}

void Comparison::CompareBatch(uint64_t first, uint64_t count) {
  std::vector<std::string> cases;
  for (uint64_t i = 0; i < count; i++)
    cases.push_back(std::to_string(first + i));
  const Pair traces = RunBoth(cases);
  std::optional<Pair> again;
  for (uint64_t i = 0; i < count; i++) {
    const size_t line = FirstDifference(traces.first[i], traces.second[i]);
    {
      std::lock_guard lock(mutex_);
      lines_ += std::min(line, traces.first[i].size());
    }
    if (line == kSame) {
      if (!Complete(traces.first[i])) {
        Tell(first + i, "as neither side came to its end", traces, i);
        std::lock_guard lock(mutex_);
        ++found_;
      }
      continue;
    }
    if (!again) {
      again = RunBoth(cases);
    }
    Judge(first + i, traces, *again, i);
  }
}

void Comparison::Judge(uint64_t seed, const Pair& traces, const Pair& again,
                       size_t i) {
  if (FirstDifference(again.first[i], again.second[i]) == kSame) {
    Tell(seed, "but not a second time", traces, i);
    std::lock_guard lock(mutex_);
    ++found_once_;
    return;
  }
  {
    std::lock_guard lock(mutex_);
    if (found_++ >= settings_.differences) {
      return;
    }
  }
  const Pair alone = RunBoth({std::to_string(seed)});
  const size_t line = FirstDifference(alone.first[0], alone.second[0]);
  if (line == kSame) {
    Tell(seed, "after the others of its batch", again, i);
  } else {
    Shorten(seed, alone.first[0], line);
  }
}

void Comparison::Work() {
  const uint64_t batch = static_cast<uint64_t>(settings_.batch);
  for (;;) {
    uint64_t first = next_.fetch_add(batch);
    bool late = settings_.seconds > 0 && Now() - start_ > settings_.seconds;
    if (first > last_ || late || found_ >= settings_.differences) {
      return;
    }
    CompareBatch(first, std::min(batch, last_ - first + 1));
  }
}

int Comparison::Run() {
  if (int status = SetUp(); status != 0) {
    return status;
  }
  std::printf("seeds from %llu\n", static_cast<unsigned long long>(first_));
  std::fflush(stdout);
  start_ = Now();
  next_ = first_;
  std::vector<std::thread> workers;
  for (int i = 0; i < settings_.jobs; i++) {
    workers.emplace_back([this] { Work(); });
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  double lines = static_cast<double>(lines_);
  std::printf(
      "%.0f steps without difference in %.1f s (a second of one job: "
      "%.0f on Linux, %.0f in Faultline), %d seeds differ, %d more did once\n",
      lines, Now() - start_, lines / linux_s_, lines / faultline_s_, found_,
      found_once_);
  return lines_ == 0 ? 2 : found_ > 0 ? 1 : 0;
}

}  // namespace faultline::differential
