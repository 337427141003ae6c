// One COPY of many pages wakes all who wait in them.

#include "tests/abi/uffd_threads.h"

enum { kPages = 64, kThreads = 4 };

int main(void) {
  int u = Uffd(0);
  char* area = Island(kPages, kReadWrite);
  char* src = Anonymous(kPages, kReadWrite);
  for (int i = 0; i < kPages; i++) memset(src + i * kPage, i + 1, kPage);
  Arm(u, area, kPages * kPage, kMissing);
  struct Toucher t[kThreads];
  for (int i = 0; i < kThreads; i++) {
    StartLoad(&t[i], area + 16 * i * kPage);
    CHECK_PAGEFAULT(NextMessage(u), area + 16 * i * kPage, kLoadFlags);
  }
  CHECK_DONE(Copy(u, area, src, kPages * kPage, 0), kPages * kPage);
  for (int i = 0; i < kThreads; i++) CHECK_EQ(Seen(&t[i]), 16 * i + 1);
  CHECK_EQ(memcmp(area, src, kPages * kPage), 0);
  CHECK_EQ(SmapsField(area, "Rss:"), kPages * 4);
  Ok("all pages, all threads, all counted");
  return 0;
}
