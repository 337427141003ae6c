// differential --seeds A..B [--arch x86_64|arm64] [--steps N] [--jobs N] ...
// Runs random sequences of memory calls on Linux and in Faultline and compares
// line by line. Run from the project's root; `./dev differential` does.

#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "tests/differential/driver/comparison.h"

namespace faultline::differential {
namespace {

// What has been compared at length. Between these, rules have changed that no
// profile tells apart.
constexpr mm::KernelVersion kCompared[] = {{6, 12}, {6, 18}};

int Main(int argc, char** argv) {
  CLI::App app("Compares Faultline's memory calls with Linux's");
  utsname host = {};
  uname(&host);
  Settings settings;
  settings.release = host.release;
  app.add_option("--seeds", settings.seeds,
                 "A..B; otherwise fresh ones, until --seconds are over");
  app.add_option("--arch", settings.arch)
      ->check(CLI::IsMember({"x86_64", "arm64"}));
  app.add_option("--steps", settings.steps, "of each seed");
  app.add_option("--jobs", settings.jobs, "batches at once");
  app.add_option("--batch", settings.batch, "seeds each side runs in one go");
  app.add_option("--seconds", settings.seconds, "start no batch after that");
  app.add_option("--differences", settings.differences, "stop after that many");
  app.add_flag("--huge-pages", settings.huge_pages,
               "in a world of huge pages: see tests/differential");
  app.add_flag("--userfaults", settings.userfaults,
               "in a world where threads serve page faults");
  app.add_option("--without", settings.without,
                 "classes of steps to leave out");
  app.add_option("--run-option", settings.run_options,
                 "an option of `faultline run`: --run-option=--validate")
      ->allow_extra_args(false);
  app.add_option("--tree", settings.tree, "the build tree");
  app.add_option("--release", settings.release,
                 "the kernel that the oracle runs; by default this machine's");
  app.add_flag("--tags", settings.tags,
               "arm64: programs of loads, stores and memory tags instead");
  app.add_flag("--compared-only", settings.compared_only,
               "skip unless the kernel is of a release that Faultline has been "
               "compared with at length");
  app.add_option("--oracle", settings.oracle,
                 "what runs a program on Linux, called with `-- PROGRAM "
                 "ARG...`; by default this machine does")
      ->envname("FAULTLINE_ORACLE");
  CLI11_PARSE(app, argc, argv);
  if (settings.tags) {
    settings.arch = "arm64";
    if (app.count("--steps") == 0) {
      settings.steps = 24;
    }
  }
  if (settings.oracle.empty() && settings.arch != host.machine) {
    std::printf(
        "skipped: this machine cannot run %s programs and no --oracle "
        "is given\n",
        settings.arch.c_str());
    return kSkipped;
  }
  if (settings.compared_only &&
      std::find(std::begin(kCompared), std::end(kCompared),
                VersionOf(settings.release)) == std::end(kCompared)) {
    std::printf("skipped: Linux %s is none that Faultline is compared with\n",
                settings.release.c_str());
    return kSkipped;
  }
  return Comparison(settings).Run();
}

}  // namespace
}  // namespace faultline::differential

int main(int argc, char** argv) {
  return faultline::differential::Main(argc, argv);
}
