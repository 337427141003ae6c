#include "guest_mm/sync/fiber.h"

#include <string>

#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

struct Ping {
  Fiber main;
  Fiber* fiber = nullptr;
  std::string log;
};

TEST(FiberTest, SwitchesBackAndForthAndEnds) {
  StackPool pool(256 * 1024);
  Ping ping;
  const Stack stack = pool.Take();
  Fiber fiber(
      stack,
      [](void* arg) {
        auto& p = *static_cast<Ping*>(arg);
        p.log += "b";
        Fiber::Switch(*p.fiber, p.main);
        p.log += "d";
        Fiber::SwitchForGood(*p.fiber, p.main);
      },
      &ping);
  ping.fiber = &fiber;
  ping.log += "a";
  Fiber::Switch(ping.main, fiber);
  ping.log += "c";
  Fiber::Switch(ping.main, fiber);
  ping.log += "e";
  EXPECT_EQ(ping.log, "abcde");
  pool.Return(stack);
}

}  // namespace
}  // namespace faultline::mm
