// Asynchronous checks let the access happen, and tell afterwards that there was
// one. Both modes asked for is asynchronous, unless the machine is told so.

#include <sched.h>

#include "tests/abi/mte.h"

#ifdef __aarch64__

// The signal comes at the next entry to the kernel.
static void StoreAndEnter(char* p, char value) {
  Store(p, value);
  sched_yield();
}

// What a program did before its last system call kills it all the same.
static void Leave(void) {
  char* page = Tagged(1);
  Tag(page, 16, 5);
  MUST(signal(SIGSEGV, SIG_DFL) == SIG_ERR ? -1 : 0);
  Control(kEnable | kAsync | kAllTags);
  Store(page, 1);
  _exit(0);
}

static void Test(void) {
  CatchSegv(0);
  char* page = Tagged(1);
  char* five = Tag(page, 32, 5);
  for (int mode = kAsync; mode <= (kAsync | kSync); mode += kSync) {
    Control(kEnable | (unsigned)mode | kAllTags);
    CHECK_EQ(MET(StoreAndEnter(page, 'a' + (char)mode)), kSegvMteAsync);
    CHECK_EQ(tag_address, NULL);
    CHECK_EQ(five[0], 'a' + mode);
    CHECK_EQ(MET(StoreAndEnter(five, 'b')), 0);
  }
  Ok("asynchronous");

  const pid_t child = MUST(fork());
  if (child == 0) Leave();
  const int status = Ended(child);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGSEGV);
  Ok("before the last call");
}

#endif
