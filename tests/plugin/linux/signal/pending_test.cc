#include "plugin/linux/signal/pending.h"

#include "gtest/gtest.h"

namespace faultline::os {
namespace {

constexpr SignalSet kAll(~uint64_t{0});

SigInfo Valued(int signo, uint64_t value) {
  SigInfo info(signo, kSiQueue);
  info.rt.value = value;
  return info;
}

TEST(PendingSignalsTest, AStandardSignalIsPendingOnce) {
  PendingSignals p;
  EXPECT_TRUE(p.Add(Valued(kSigUsr1, 1)));
  EXPECT_FALSE(p.Add(Valued(kSigUsr1, 2)));
  EXPECT_EQ(p.Take(kAll)->rt.value, 1u);
  EXPECT_FALSE(p.Take(kAll).has_value());
}

TEST(PendingSignalsTest, RealTimeSignalsQueueInOrder) {
  PendingSignals p;
  EXPECT_TRUE(p.Add(Valued(40, 1)));
  EXPECT_TRUE(p.Add(Valued(40, 2)));
  EXPECT_EQ(p.Take(kAll)->rt.value, 1u);
  EXPECT_TRUE(p.set().has(40));
  EXPECT_EQ(p.Take(kAll)->rt.value, 2u);
  EXPECT_FALSE(p.set().has(40));
}

TEST(PendingSignalsTest, LowNumbersComeFirstAndFaultsBeforeThem) {
  PendingSignals p;
  p.Add(Valued(50, 0));
  p.Add(Valued(kSigHup, 0));
  p.Add(Valued(kSigSegv, 0));
  p.Add(Valued(kSigUsr2, 0));
  EXPECT_EQ(p.Take(kAll)->signo, kSigSegv);
  EXPECT_EQ(p.Take(kAll)->signo, kSigHup);
  EXPECT_EQ(p.Take(kAll)->signo, kSigUsr2);
  EXPECT_EQ(p.Take(kAll)->signo, 50);
}

TEST(PendingSignalsTest, TakesOnlyWhatIsAskedFor) {
  PendingSignals p;
  p.Add(Valued(kSigUsr1, 0));
  EXPECT_FALSE(p.Take(SignalSet::Of(kSigUsr2)).has_value());
  EXPECT_TRUE(p.Take(SignalSet::Of(kSigUsr1)).has_value());
}

TEST(PendingSignalsTest, DiscardDropsAllOfTheSet) {
  PendingSignals p;
  p.Add(Valued(40, 1));
  p.Add(Valued(40, 2));
  p.Add(Valued(kSigUsr1, 3));
  p.Discard(SignalSet::Of(40));
  EXPECT_EQ(p.set(), SignalSet::Of(kSigUsr1));
  EXPECT_EQ(p.queued(), 1u);
}

TEST(PendingSignalsTest, WithoutRoomForItsInfoASignalStillComes) {
  PendingSignals p;
  p.AddBare(kSigTerm);
  const auto info = p.Take(kAll);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->signo, kSigTerm);
  EXPECT_EQ(info->code, kSiUser);
}

}  // namespace
}  // namespace faultline::os
