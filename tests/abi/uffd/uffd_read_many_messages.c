// One read takes as many messages as fit and as there are; each is told once.

#include "tests/abi/uffd_threads.h"

enum { kThreads = 5 };

int main(void) {
  int u = Uffd(0);
  char* area = Island(kThreads, kReadWrite);
  Arm(u, area, kThreads * kPage, kMissing);
  struct Toucher t[kThreads];
  for (int i = 0; i < kThreads; i++) StartLoad(&t[i], area + i * kPage);
  struct uffd_msg messages[kThreads + 1];
  bool seen[kThreads] = {false};
  int count = 0;
  while (count < kThreads) {
    struct pollfd p = {u, POLLIN, 0};
    CHECK_EQ(poll(&p, 1, 10000), 1);
    // Room for three and a half.
    ssize_t n = read(u, messages, 3 * sizeof *messages + 16);
    CHECK(n > 0);
    CHECK_EQ(n % sizeof *messages, 0);
    CHECK(n <= (ssize_t)(3 * sizeof *messages));
    for (size_t i = 0; i < n / sizeof *messages; i++) {
      CHECK_EQ(messages[i].event, UFFD_EVENT_PAGEFAULT);
      size_t page =
          (messages[i].arg.pagefault.address - (uintptr_t)area) / kPage;
      CHECK(page < kThreads);
      CHECK(!seen[page]);
      seen[page] = true;
      count++;
    }
  }
  CHECK_FAILS(read(u, messages, sizeof messages), EAGAIN);
  Ok("five threads, five messages");

  CHECK_DONE(ZeroPage(u, area, kThreads * kPage, 0), kThreads * kPage);
  for (int i = 0; i < kThreads; i++) CHECK_EQ(Seen(&t[i]), 0);

  // Two that wait before anybody reads come in one read.
  MUST(madvise(area, 2 * kPage, MADV_DONTNEED));
  for (int i = 0; i < 2; i++) StartLoad(&t[i], area + i * kPage);
  ssize_t n = 0;
  for (int i = 0; i < 2000 && n != 2 * sizeof *messages; i++) {
    usleep(1000);
    ssize_t got = read(u, messages, sizeof messages);
    if (got > 0) n += got;
  }
  CHECK_EQ(n, 2 * sizeof *messages);
  CHECK_DONE(ZeroPage(u, area, 2 * kPage, 0), 2 * kPage);
  for (int i = 0; i < 2; i++) CHECK_EQ(Seen(&t[i]), 0);
  Ok("however they are read");
  return 0;
}
