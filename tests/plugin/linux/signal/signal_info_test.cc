#include "plugin/linux/signal/signal_info.h"

#include <cstddef>

#include "gtest/gtest.h"

namespace faultline::os {
namespace {

TEST(SigInfoTest, FieldsLieWhereLinuxPutsThem) {
  EXPECT_EQ(offsetof(SigInfo, code), 8u);
  EXPECT_EQ(offsetof(SigInfo, rt), 16u);
  EXPECT_EQ(offsetof(SigInfo, rt.value), 24u);
  EXPECT_EQ(offsetof(SigInfo, child.status), 24u);
  EXPECT_EQ(offsetof(SigInfo, child.utime), 32u);
  EXPECT_EQ(offsetof(SigInfo, fault.address), 16u);
  EXPECT_EQ(offsetof(SigInfo, fault.address_lsb), 24u);
  EXPECT_EQ(offsetof(SigInfo, timer.value), 24u);
}

TEST(SignalNameTest, NamesStandardAndRealTimeSignals) {
  EXPECT_STREQ(SignalName(kSigSegv), "SIGSEGV");
  EXPECT_STREQ(SignalName(32), "SIGRTMIN");
  EXPECT_STREQ(SignalName(34), "SIGRT_2");
  EXPECT_STREQ(SignalName(kSigMax), "SIGRT_32");
  EXPECT_STREQ(SignalName(65), "SIG?");
}

TEST(SignalSetTest, HoldsEverySignal) {
  SignalSet s;
  for (int signo = 1; signo <= kSigMax; ++signo) {
    EXPECT_FALSE(s.has(signo));
    s.add(signo);
    EXPECT_TRUE(s.has(signo));
  }
  EXPECT_EQ(s.bits(), ~uint64_t{0});
  s.remove(kSigMax);
  EXPECT_FALSE(s.has(kSigMax));
}

}  // namespace
}  // namespace faultline::os
