#include "plugin/cli/explore_ending.h"

#include <unistd.h>

#include <thread>

#include "gtest/gtest.h"

namespace faultline::cli {
namespace {

TEST(Ending, GoesThroughAPipeAsItIs) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Ending e;
  e.kind = Ending::Kind::kLivelock;
  e.found_at_end = true;
  e.what = "livelock";
  e.detail = "one line\nanother\n";
  e.output = 1;
  e.virtual_ns = 2;
  e.choices = 3;
  e.turns.resize(100'000, {.from = 4, .to = 5, .nth = 6, .preempts = true});
  e.schedule = std::string(1'000'000, 's');
  e.trace_hash = 7;
  // More than a pipe holds, and twice.
  std::thread writer([&] {
    SendEnding(ends[1], e);
    SendEnding(ends[1], Ending());
    close(ends[1]);
  });
  const std::optional<Ending> got = ReceiveEnding(ends[0]);
  const std::optional<Ending> second = ReceiveEnding(ends[0]);
  EXPECT_FALSE(ReceiveEnding(ends[0]).has_value());
  writer.join();
  close(ends[0]);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->kind, e.kind);
  EXPECT_TRUE(got->found_at_end);
  EXPECT_EQ(got->what, e.what);
  EXPECT_EQ(got->detail, e.detail);
  EXPECT_EQ(got->output, 1u);
  EXPECT_EQ(got->virtual_ns, 2u);
  EXPECT_EQ(got->choices, 3u);
  EXPECT_EQ(got->turns, e.turns);
  EXPECT_EQ(got->schedule, e.schedule);
  EXPECT_EQ(got->story, "");
  EXPECT_EQ(got->trace_hash, e.trace_hash);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->trace_hash, std::nullopt);
}

TEST(Ending, OfWhoDiesInTheMiddleIsNone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const size_t rest = 100;
  ASSERT_EQ(write(ends[1], &rest, sizeof rest), ssize_t(sizeof rest));
  close(ends[1]);
  EXPECT_FALSE(ReceiveEnding(ends[0]).has_value());
  close(ends[0]);
}

}  // namespace
}  // namespace faultline::cli
