#include "plugin/linux/strace/signature.h"

#include "gtest/gtest.h"
#include "plugin/linux/strace/flag_names.h"
#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

TEST(SignatureTest, IsFoundForCallsThroughoutTheAlphabet) {
  for (const char* name : {"access", "mmap", "openat", "writev", "getpid"}) {
    ASSERT_NE(FindSignature(name), nullptr) << name;
    EXPECT_EQ(FindSignature(name)->name, name);
    EXPECT_NE(FindSyscall(name), nullptr);
  }
  EXPECT_EQ(FindSignature("bpf"), nullptr);
  EXPECT_EQ(FindSignature(""), nullptr);
}

TEST(FlagNamesTest, JoinsNamesAndKeepsUnknownBits) {
  EXPECT_EQ(OpenFlagNames(0), "O_RDONLY");
  EXPECT_EQ(OpenFlagNames(01102), "O_RDWR|O_CREAT|O_TRUNC");
  EXPECT_EQ(ProtNames(0), "PROT_NONE");
  EXPECT_EQ(ProtNames(3), "PROT_READ|PROT_WRITE");
  EXPECT_EQ(MapFlagNames(0x22), "MAP_PRIVATE|MAP_ANONYMOUS");
  EXPECT_EQ(MapFlagNames(0x80000022), "MAP_PRIVATE|MAP_ANONYMOUS|0x80000000");
  EXPECT_EQ(CloneFlagNames(0x4111), "CLONE_VM|CLONE_VFORK|SIGCHLD");
  EXPECT_EQ(FutexOperationName(129), "FUTEX_WAKE_PRIVATE");
  EXPECT_EQ(AdviceName(4), "MADV_DONTNEED");
  EXPECT_EQ(AdviceName(77), "77");
}

TEST(FlagNamesTest, SignalSetsAreShortEitherWay) {
  EXPECT_EQ(SignalSetNames(0), "[]");
  EXPECT_EQ(SignalSetNames(1 << 10 | 1), "[HUP SEGV]");
  EXPECT_EQ(SignalSetNames(~uint64_t{0} & ~(1ull << 8)), "~[KILL]");
}

}  // namespace
}  // namespace faultline::os
