// compare [--runs N] [--out FILE] [TEXT]: measures the groups whose name has
// TEXT in it (all of them by default), prints one line for each ratio, and
// writes the report. Run from the project's root; `./dev bench` does.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "absl/strings/match.h"
#include "tests/bench/cases.h"
#include "tests/bench/report.h"

namespace faultline::bench {
namespace {

Result MeasureGroup(const Group& group, int runs) {
  std::vector<Contestant> contestants = {group.first};
  for (const Group::Rival& rival : group.rivals) {
    contestants.push_back(rival.contestant);
  }
  return {group, Measure(contestants, runs)};
}

int Main(int argc, char** argv) {
  CLI::App app("Compares Faultline with what it stands for");
  int runs = 5;
  std::string out;
  std::string text;
  std::string tree = "build/bench";
  app.add_option("--runs", runs, "how often each command runs")
      ->check(CLI::Range(1, 1000));
  app.add_option("--out", out, "write the report to this file");
  app.add_option("--tree", tree, "the build tree with the programs");
  app.add_option("text", text, "only groups whose name has this in it");
  CLI11_PARSE(app, argc, argv);
  std::vector<Result> results;
  for (const Group& group : Cases(tree)) {
    if (absl::StrContains(group.what, text)) {
      results.push_back(MeasureGroup(group, runs));
      std::fputs(Lines(results.back()).c_str(), stdout);
      std::fflush(stdout);
    }
  }
  if (!out.empty()) {
    std::ofstream(out) << Report(results, runs);
  }
  return 0;
}

}  // namespace
}  // namespace faultline::bench

int main(int argc, char** argv) { return faultline::bench::Main(argc, argv); }
