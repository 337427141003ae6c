#include "plugin/linux/signal/sigqueue.h"

#include <vector>

#include "gtest/gtest.h"
#include "plugin/linux/signal/pending.h"

namespace faultline::os {
namespace {

TEST(SigqueuePoolTest, GivesNoMoreThanItsShareOfTheMemory) {
  const auto pool = std::make_shared<SigqueuePool>(1 << 20);
  ASSERT_GT(pool->limit(), 0u);
  EXPECT_LE(pool->limit() * sizeof(SigInfo), size_t{1} << 16);
  std::vector<SigqueuePool::Room> rooms;
  while (auto room = pool->Take()) {
    rooms.push_back(*std::move(room));
  }
  EXPECT_EQ(rooms.size(), pool->limit());
  rooms.pop_back();
  EXPECT_TRUE(pool->Take().has_value());
}

TEST(SigqueuePoolTest, ASignalGivesItsRoomBackWhenItIsTakenOrDropped) {
  const auto pool = std::make_shared<SigqueuePool>(1 << 20);
  PendingSignals pending;
  for (int i = 0; i < 3; ++i) {
    pending.Add(SigInfo(kSigRtMin, kSiQueue), *pool->Take());
  }
  EXPECT_EQ(pool->used(), 3u);
  EXPECT_TRUE(pending.Take(SignalSet(~uint64_t{0})).has_value());
  EXPECT_EQ(pool->used(), 2u);
  pending.Discard(SignalSet::Of(kSigRtMin));
  EXPECT_EQ(pool->used(), 0u);
}

}  // namespace
}  // namespace faultline::os
