// The mode of a thread that asks for more than one is the CPU's preferred one.
// Covers: plugin/linux/fs/proc/mte_knob.cc

#include <glob.h>
#include <sched.h>

#include "tests/abi/mte.h"

#ifdef __aarch64__

static void Prefer(const char* mode) {
  glob_t files;
  CHECK_EQ(
      glob("/sys/devices/system/cpu/cpu*/mte_tcf_preferred", 0, NULL, &files),
      0);
  for (size_t i = 0; i < files.gl_pathc; i++) {
    const int fd = MUST(open(files.gl_pathv[i], O_RDWR));
    CHECK_EQ(write(fd, mode, strlen(mode)), (ssize_t)strlen(mode));
    char text[16] = "";
    CHECK(pread(fd, text, sizeof text, 0) > 0);
    CHECK_EQ(strncmp(text, mode, strlen(mode)), 0);
    CHECK_FAILS(write(fd, "none", 4), EINVAL);
    close(fd);
  }
  globfree(&files);
}

static char* page;
static void StoreAndEnter(void) {
  Store(page, 1);
  sched_yield();
}
static void LoadAndEnter(void) {
  (void)Load(page);
  sched_yield();
}

static void Expect(unsigned long asked, int store, int load) {
  Control(kEnable | asked | kAllTags);
  CHECK_EQ(MET(StoreAndEnter()), store);
  CHECK_EQ(MET(LoadAndEnter()), load);
  Control(kEnable | kAllTags);
}

static void Test(void) {
  CatchSegv(0);
  page = Tagged(1);
  Tag(page, 32, 5);
  Prefer("sync");
  Expect(kSync | kAsync, kSegvMteSync, kSegvMteSync);
  Expect(kAsync, kSegvMteAsync, kSegvMteAsync);
  Ok("sync");
  Prefer("asymm");
  Expect(kSync | kAsync, kSegvMteAsync, kSegvMteSync);
  Expect(kSync, kSegvMteSync, kSegvMteSync);
  Expect(kAsync, kSegvMteAsync, kSegvMteAsync);
  Ok("asymm");

  Prefer("async");
  Expect(kSync | kAsync, kSegvMteAsync, kSegvMteAsync);
  Expect(kSync, kSegvMteSync, kSegvMteSync);
  Ok("async");
}

#endif
