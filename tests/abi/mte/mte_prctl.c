// PR_SET_TAGGED_ADDR_CTRL: what it takes, who inherits it, and the tags that
// IRG chooses by it.

#include "tests/abi/mte.h"

#ifdef __aarch64__

static long Get(void) { return prctl(PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0); }

static void Test(void) {
  CHECK_EQ(Get(), 0);
  if (getenv("TAGGED")) exit(0);
  for (int i = 0; i < 10; i++) CHECK_EQ(TagOf(Irg((void*)0x1000, 0)), 0);
  Ok("at first nothing, and no tag to choose");

  static const long kValues[] = {kEnable, kEnable | kSync, kEnable | kAsync,
                                 kSync | kAsync | kAllTags, 0xffff << 3};
  for (size_t i = 0; i < sizeof kValues / sizeof *kValues; i++) {
    Control((unsigned long)kValues[i]);
    CHECK_EQ(Get(), kValues[i]);
  }
  CHECK_FAILS(prctl(PR_SET_TAGGED_ADDR_CTRL, 1 << 20, 0, 0, 0), EINVAL);
  CHECK_FAILS(prctl(PR_SET_TAGGED_ADDR_CTRL, 1, 1, 0, 0), EINVAL);
  CHECK_FAILS(prctl(PR_GET_TAGGED_ADDR_CTRL, 1, 0, 0, 0), EINVAL);
  CHECK_EQ(Get(), 0xffff << 3);
  Ok("what it takes");

  Control(kEnable | (0x0110ul << 3));
  unsigned seen = 0;
  for (int i = 0; i < 200; i++) seen |= 1u << TagOf(Irg((void*)0x1000, 0));
  CHECK_EQ(seen, 0x0110);
  for (int i = 0; i < 50; i++) {
    CHECK_EQ(TagOf(Irg((void*)(0x3ul << 56), 0x0100)), 4);
  }
  CHECK_EQ(TagOf(Irg(NULL, 0xffff)), 0);
  Ok("the tags included");

  pid_t child = MUST(fork());
  if (child == 0) {
    if (Get() != (kEnable | (0x0110 << 3))) _exit(1);
    char* arguments[] = {(char*)"child", NULL};
    char* environment[] = {(char*)"TAGGED=1", NULL};
    execve("/proc/self/exe", arguments, environment);
    _exit(2);
  }
  CHECK_EQ(Ended(child), 0);
  Ok("inherited by fork, not by exec");
}

#endif
