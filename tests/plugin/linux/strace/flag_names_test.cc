#include "plugin/linux/strace/flag_names.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

namespace faultline::os {
namespace {

// The numbers are the host's own, whose interface it is.
uint64_t Bit(int signo) { return uint64_t{1} << (signo - 1); }

TEST(FlagNamesTest, OpenHasItsAccessModeFirst) {
  EXPECT_EQ(OpenFlagNames(O_RDONLY), "O_RDONLY");
  EXPECT_EQ(OpenFlagNames(O_RDWR | O_CREAT | O_CLOEXEC),
            "O_RDWR|O_CREAT|O_CLOEXEC");
  EXPECT_EQ(OpenFlagNames(O_WRONLY | O_TRUNC | O_APPEND),
            "O_WRONLY|O_TRUNC|O_APPEND");
}

TEST(FlagNamesTest, FlagsThatContainOthersAreNamedOnce) {
  EXPECT_EQ(OpenFlagNames(O_RDWR | O_SYNC), "O_RDWR|O_SYNC");
  EXPECT_EQ(OpenFlagNames(O_RDWR | O_DSYNC), "O_RDWR|O_DSYNC");
  EXPECT_EQ(OpenFlagNames(O_RDWR | O_TMPFILE), "O_RDWR|O_TMPFILE");
  EXPECT_EQ(OpenFlagNames(O_RDONLY | O_DIRECTORY), "O_RDONLY|O_DIRECTORY");
}

TEST(FlagNamesTest, WhatHasNoNameIsLeftAsANumber) {
  EXPECT_EQ(ProtNames(PROT_READ | 0x1000), "PROT_READ|0x1000");
  EXPECT_EQ(AdviceName(99), "99");
  EXPECT_EQ(ClockName(77), "77");
}

TEST(FlagNamesTest, NoRightIsProtNone) {
  EXPECT_EQ(ProtNames(PROT_NONE), "PROT_NONE");
  EXPECT_EQ(ProtNames(PROT_READ | PROT_WRITE | PROT_EXEC),
            "PROT_READ|PROT_WRITE|PROT_EXEC");
}

TEST(FlagNamesTest, AMappingSaysHowItIsShared) {
  EXPECT_EQ(MapFlagNames(MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
            "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS");
  EXPECT_EQ(MapFlagNames(MAP_SHARED_VALIDATE | MAP_SYNC),
            "MAP_SHARED_VALIDATE|MAP_SYNC");
}

TEST(FlagNamesTest, CloneHasItsSignalLast) {
  EXPECT_EQ(CloneFlagNames(0), "0");
  EXPECT_EQ(CloneFlagNames(SIGCHLD), "SIGCHLD");
  EXPECT_EQ(CloneFlagNames(CLONE_VM | CLONE_VFORK | SIGCHLD),
            "CLONE_VM|CLONE_VFORK|SIGCHLD");
}

TEST(FlagNamesTest, AdviceAndClocksAreOneOfMany) {
  EXPECT_EQ(AdviceName(MADV_DONTNEED), "MADV_DONTNEED");
  EXPECT_EQ(AdviceName(MADV_POPULATE_WRITE), "MADV_POPULATE_WRITE");
  EXPECT_EQ(ClockName(CLOCK_MONOTONIC), "CLOCK_MONOTONIC");
  EXPECT_EQ(SigprocmaskHowName(SIG_SETMASK), "SIG_SETMASK");
}

TEST(FlagNamesTest, AFutexOperationHasItsOptionsBehindIt) {
  EXPECT_EQ(FutexOperationName(0), "FUTEX_WAIT");
  EXPECT_EQ(FutexOperationName(1 | 128), "FUTEX_WAKE_PRIVATE");
  EXPECT_EQ(FutexOperationName(9 | 128 | 256),
            "FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME");
}

TEST(FlagNamesTest, ASetOfSignalsIsListedOrItsComplementIs) {
  EXPECT_EQ(SignalSetNames(0), "[]");
  EXPECT_EQ(SignalSetNames(Bit(SIGUSR1) | Bit(SIGSEGV)), "[USR1 SEGV]");
  EXPECT_EQ(SignalSetNames(~uint64_t{0}), "~[]");
  EXPECT_EQ(SignalSetNames(~Bit(SIGKILL)), "~[KILL]");
}

}  // namespace
}  // namespace faultline::os
