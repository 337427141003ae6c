#ifndef FAULTLINE_TESTS_BENCH_CASES_H_
#define FAULTLINE_TESTS_BENCH_CASES_H_

// What `./dev bench` compares: groups of contestants measured together, and
// the goals they are held to.

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/measure.h"

namespace faultline::bench {

// The first contestant of a group is the one that all ratios are taken with.
struct Group {
  enum class Kind {
    kAgainst,  // the first is Faultline; ratio: its cost over each other's
    kGrowth,   // the first is the smallest size; ratio: each other's over it
  };
  // What the ratio with one of the other contestants must not exceed.
  struct Rival {
    Contestant contestant;
    std::optional<double> goal;
  };

  std::string section;  // heading in the report
  std::string what;     // "demand-zero fault, x86-64"
  Kind kind = Kind::kAgainst;
  Contestant first;
  std::vector<Rival> rivals;
};

// All groups, in the order of the report. `tree` is the build tree that holds
// faultline, bare_unicorn and guests/ARCH/NAME. QEMU's user mode takes part
// where it is installed, a native run where the host's architecture is the
// guest's.
std::vector<Group> Cases(const std::string& tree);

}  // namespace faultline::bench

#endif  // FAULTLINE_TESTS_BENCH_CASES_H_
