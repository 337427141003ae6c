#include "tests/bench/sweep_case.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace faultline::bench {
namespace {

constexpr double kExperimentAgainstSpawn = 1.0;

// How many experiments a sweep makes, as it says itself; 0: it cannot be made.
int ExperimentsOf(const Command& sweep) {
  std::FILE* const out = popen(ToString(sweep).c_str(), "r");
  int count = 0;
  if (out == nullptr || std::fscanf(out, "KTAP version 1 1..%d", &count) != 1) {
    count = 0;
  }
  if (out != nullptr) {
    while (std::fgetc(out) != EOF) {
    }
    pclose(out);
  }
  return count;
}

}  // namespace

void AddSweep(const std::string& tree, const std::string& arch,
              std::vector<Group>& groups) {
  const std::string program = absl::StrCat(tree, "/guests/", arch, "/hello");
  const Command sweep = {tree + "/faultline", "sweep", "--inject",
                         "alloc.*,slab,usercopy,table.gone,page.lock.try,"
                         "pte.lock*=reclaim,mmap_lock*=dontneed"};
  Command full = sweep, count = sweep, base = sweep;
  full.push_back(program);
  count.insert(count.end(), {"--ktap", program});
  base.insert(base.end(), {"--shard", "1000000/1000000", program});
  const int experiments = ExperimentsOf(count);
  if (experiments == 0) {
    return;
  }
  constexpr int kRounds = 200;
  const std::string spawn = absl::StrCat(tree, "/guests/", arch, "/spawn");
  Group group = {"Experiments",
                 absl::StrCat("one of a sweep of hello, ", arch),
                 Group::Kind::kAgainst,
                 {"faultline", full, base, double(experiments)},
                 {{{"fork and exec, native",
                    {spawn, program, absl::StrCat(kRounds)},
                    {spawn, program, "0"},
                    kRounds},
                   kExperimentAgainstSpawn}}};
  if (const char* const oracle = std::getenv("FAULTLINE_ORACLE")) {
    Command boot = absl::StrSplit(oracle, ' ');
    boot.insert(boot.end(), {"--", program});
    group.rivals.push_back(
        {{"a kernel booted for it", boot, {"true"}, 1}, std::nullopt});
  }
  groups.push_back(std::move(group));
}

}  // namespace faultline::bench
