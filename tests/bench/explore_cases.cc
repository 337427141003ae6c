#include "tests/bench/explore_cases.h"

#include "absl/strings/str_cat.h"

namespace faultline::bench {
namespace {

// A script of images/bench, with `runs` and with one.
Contestant Script(const std::string& tree, const std::string& file,
                  const Command& args, int runs) {
  Command full = {tree + "/faultline", "script", "images/bench/" + file};
  full.insert(full.end(), args.begin(), args.end());
  Command base = full;
  full.push_back(absl::StrCat(runs));
  base.push_back("1");
  return {"faultline", full, base, double(runs - 1)};
}

}  // namespace

void AddExploring(const std::string& tree, const std::string& native_guests,
                  std::vector<Group>& groups) {
  constexpr int kSchedules = 20'000, kForks = 4'000, kBacks = 5'000;
  // 20,000 schedules a second.
  constexpr double kAgainstFork = 1.0;
  const std::string forks = native_guests + "/forks";
  const Contestant native = {"fork() and wait, native",
                             {forks, absl::StrCat(kForks)},
                             {forks, "0"},
                             double{kForks}};
  groups.push_back({"Exploring",
                    "a schedule of claim K3",
                    Group::Kind::kAgainst,
                    Script(tree, "schedules.lua", {}, kSchedules),
                    {{native, kAgainstFork}}});
  Group growth = {"Exploring",
                  "putting back, by pages written to",
                  Group::Kind::kGrowth,
                  {},
                  {}};
  for (const char* const pages : {"1", "16", "256"}) {
    Contestant c = Script(tree, "dirty_pages.lua", {pages}, kBacks);
    c.name = absl::StrCat(pages, " pages");
    if (growth.first.name.empty()) {
      growth.first = c;
    } else {
      growth.rivals.push_back({c, std::nullopt});
    }
  }
  groups.push_back(std::move(growth));
}

}  // namespace faultline::bench
