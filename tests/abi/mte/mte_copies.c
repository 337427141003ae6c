// System calls follow the process's tags: they copy up to the first granule
// whose tag is not the pointer's.
// Covers: plugin/linux/kernel_code.cc

#include "tests/abi/mte.h"

#ifdef __aarch64__

static void Test(void) {
  char* page = Tagged(1);
  int file = LetterFile(1);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  char* tagged = WithTag(page, 4);
  CHECK_FAILS(pread(file, tagged, 16, 0), EFAULT);
  CHECK_FAILS(access(WithTag(path, 4), F_OK), EFAULT);
  Control(kEnable | kAllTags);
  CHECK_EQ(pread(file, tagged, 16, 0), 16);
  CHECK_EQ(access(WithTag(path, 4), F_OK), 0);
  Ok("pointers with tags are let in when asked for");

  Control(kEnable | kSync | kAllTags);
  memset(page, 0, kPage);
  tagged = Tag(page, 1024, 4);
  CHECK_EQ(pread(file, tagged, 1024, 0), 1024);
  memset(tagged, 0, 1024);
  // read() may return less; none of it lies beyond the last good granule.
  CHECK_EQ(pread(file, tagged + 1024 - 40, 200, 0), 40);
  CHECK_EQ(page[1024], 0);
  CHECK_EQ(pwrite(file, tagged + 1024 - 40, 200, 0), 40);
  CHECK_FAILS(pread(file, page, 16, 0), EFAULT);
  CHECK_FAILS(pread(file, tagged + 1024, 16, 0), EFAULT);
  Ok("synchronous: short, or EFAULT");

  SetTco(true);
  CHECK_FAILS(pread(file, page, 16, 0), EFAULT);
  SetTco(false);
  Ok("whatever PSTATE.TCO says");

  CatchSegv(0);
  Control(kEnable | kAsync | kAllTags);
  CHECK_EQ(MET(CHECK_EQ(pread(file, page, 16, 0), 16)), 0);
  Control(kEnable | kAllTags);
  CHECK_EQ(pread(file, page, 16, 0), 16);
  Ok("asynchronous: nothing");
}

#endif
