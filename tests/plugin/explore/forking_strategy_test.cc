#include "plugin/explore/forking_strategy.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "guest_mm/sync/given_strategy.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::explore {
namespace {

constexpr mm::PointSite kStep{"test.step"};

// Runs two actors with three steps each in a copy of this process; what they
// left in each run, and how many died.
struct Seen {
  std::multiset<std::string> logs;
  int deaths = 0;
};
Seen Explore(ForkingStrategy::Limits limits, const std::string& fatal = "-") {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t first = fork();
  if (first == 0) {
    auto strategy = std::make_unique<ForkingStrategy>();
    const int to = ends[1];
    strategy->Begin(limits, {.on_death = [to](int, const std::vector<Turn>&) {
                      (void)!write(to, "died  \n", 7);
                    }});
    std::string log;
    mm::Scheduler scheduler(std::move(strategy));
    for (const char c : {'a', 'b'}) {
      scheduler.Spawn("actor", [&log, c] {
        for (int i = 0; i < 3; ++i) {
          log += c;
          mm::Scheduler::PointIfActive(kStep);
        }
      });
    }
    scheduler.Run();
    if (log == fatal) {
      raise(SIGKILL);
    }
    log += '\n';
    (void)!write(to, log.data(), log.size());
    _exit(0);
  }
  close(ends[1]);
  std::string all;
  char c = 0;
  while (read(ends[0], &c, 1) == 1) {
    all += c;
  }
  close(ends[0]);
  int status = 0;
  waitpid(first, &status, 0);
  Seen seen;
  for (size_t at = 0; at + 7 <= all.size(); at += 7) {
    const std::string line = all.substr(at, 6);
    if (line == "died  ") {
      ++seen.deaths;
    } else {
      seen.logs.insert(line);
    }
  }
  return seen;
}

TEST(ForkingStrategy, EveryScheduleIsAProcess) {
  const Seen seen = Explore({.preemptions = 6, .runs = 10'000});
  EXPECT_EQ(std::set<std::string>(seen.logs.begin(), seen.logs.end()).size(),
            20u);
  EXPECT_EQ(seen.deaths, 0);
}

TEST(ForkingStrategy, WithoutPreemptionsOnlyTheOrderOfTheActors) {
  const Seen seen = Explore({.preemptions = 0, .runs = 10'000});
  EXPECT_EQ(seen.logs, (std::multiset<std::string>{"aaabbb", "bbbaaa"}));
}

TEST(ForkingStrategy, KeepsToItsLimit) {
  EXPECT_EQ(Explore({.preemptions = 6, .runs = 7}).logs.size(), 7u);
}

TEST(ForkingStrategy, ADeathIsToldAndNoEnd) {
  const Seen seen = Explore({.preemptions = 6, .runs = 10'000}, "ababab");
  EXPECT_GT(seen.deaths, 0);
  EXPECT_EQ(seen.logs.count("ababab"), 0u);
  EXPECT_EQ(std::set<std::string>(seen.logs.begin(), seen.logs.end()).size(),
            19u);
}

TEST(GivenStrategy, IsTakenOnce) {
  EXPECT_FALSE(mm::ParseStrategy(mm::kGivenStrategy, 0).ok());
  mm::GiveStrategy(std::make_unique<ForkingStrategy>());
  const auto taken = mm::ParseStrategy(mm::kGivenStrategy, 0);
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ((*taken)->Name(), "forking");
  EXPECT_FALSE(mm::ParseStrategy(mm::kGivenStrategy, 0).ok());
}

}  // namespace
}  // namespace faultline::explore
