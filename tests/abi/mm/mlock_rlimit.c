// RLIMIT_MEMLOCK binds those without CAP_IPC_LOCK: ENOMEM above it, EPERM if
// it is zero.
#include <sys/resource.h>

#include "tests/abi/memory.h"

static void Limited(void) {
  char* area = Island(8, kReadWrite);
  struct rlimit limit = {4 * kPage, 4 * kPage};
  MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
  MUST(setresuid(65534, 65534, 65534));
  MUST(mlock(area, 4 * kPage));
  MUST(mlock(area, 4 * kPage));
  CHECK_FAILS(mlock(area + 4 * kPage, kPage), ENOMEM);
  // What is locked already does not count twice, in a range that wraps either.
  CHECK_FAILS(mlock(area + kPage, -2l * kPage), ENOMEM);
  MUST(munlock(area, kPage));
  MUST(mlock(area + 4 * kPage, kPage));
  CHECK_FAILS(mmap(NULL, kPage, kReadWrite,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0),
              EAGAIN);
}

static void Forbidden(void) {
  char* area = Island(1, kReadWrite);
  struct rlimit limit = {0, 0};
  MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
  MUST(mlock(area, kPage));  // root has CAP_IPC_LOCK
  MUST(munlock(area, kPage));
  MUST(setresuid(65534, 65534, 65534));
  CHECK_FAILS(mlock(area, kPage), EPERM);
}

int main(void) {
  CHECK_EQ(RunChild(Limited), 0);
  Ok("ENOMEM above the limit, EAGAIN from mmap");
  CHECK_EQ(RunChild(Forbidden), 0);
  Ok("EPERM at zero");
}
