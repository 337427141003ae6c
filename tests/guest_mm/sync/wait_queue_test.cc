// Covers: guest_mm/sync/actor.cc

#include "guest_mm/sync/wait_queue.h"

#include <memory>

#include "gtest/gtest.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

class Listener : public WaitNode {
 public:
  explicit Listener(bool is_exclusive = false) : exclusive_(is_exclusive) {}
  int heard = 0;
  WakeKey last = 0;

 protected:
  bool OnWake(WakeKey key) override {
    ++heard;
    last = key;
    return exclusive_;
  }
  bool exclusive() const override { return exclusive_; }

 private:
  bool exclusive_;
};

TEST(WaitQueueTest, EveryListenerHearsAndNoneUsesAWakeUpUp) {
  WaitQueue queue("q");
  Listener a, b;
  queue.Add(a);
  queue.Add(b);
  EXPECT_EQ(queue.Wake(1, 0x5), 0u);
  EXPECT_EQ(a.heard, 1);
  EXPECT_EQ(b.heard, 1);
  EXPECT_EQ(b.last, 0x5u);
}

TEST(WaitQueueTest, OnlyAsManyExclusivePlacesHearAsAreWoken) {
  WaitQueue queue("q");
  Listener first(true), between, second(true);
  queue.Add(first);
  queue.Add(between);
  queue.Add(second);
  EXPECT_TRUE(queue.WakeOne());
  EXPECT_EQ(first.heard, 1);
  EXPECT_EQ(between.heard, 1);
  EXPECT_EQ(second.heard, 0);
}

TEST(WaitQueueTest, ListenersBehindAWokenActorStillHear) {
  WaitQueue queue("q");
  Listener listener;
  Scheduler s(MakeRoundRobin());
  s.Spawn("reader", [&] { s.Wait(queue, Interruptible::kNo); });
  s.Spawn("writer", [&] {
    queue.Add(listener);
    EXPECT_EQ(queue.Wake(1), 1u);
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(listener.heard, 1);
}

TEST(WaitQueueTest, EitherSideMayGoFirst) {
  Listener listener;
  {
    WaitQueue queue("q");
    queue.Add(listener);
    EXPECT_EQ(listener.queue(), &queue);
  }
  EXPECT_EQ(listener.queue(), nullptr);
  WaitQueue queue("q");
  {
    Listener brief;
    queue.Add(brief);
    EXPECT_FALSE(queue.empty());
  }
  EXPECT_TRUE(queue.empty());
}

TEST(WaitQueueTest, RemovingFromTheMiddleKeepsTheOrder) {
  WaitQueue queue("q");
  Listener a, b, c;
  queue.Add(a);
  queue.Add(b);
  queue.Add(c);
  b.Remove();
  EXPECT_EQ(queue.front(), &a);
  EXPECT_EQ(WaitQueue::Next(a), &c);
  EXPECT_EQ(WaitQueue::Next(c), nullptr);
  queue.WakeAll();
  EXPECT_EQ(b.heard, 0);
  EXPECT_EQ(c.heard, 1);
}

}  // namespace
}  // namespace faultline::mm
