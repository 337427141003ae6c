// Two threads that fault on one page of a file map it once, in whatever order
// they come.
// Covers: guest_mm/fault/file_page.cc
// Options: --schedule random:1

#include <pthread.h>
#include <sched.h>

#include "tests/abi/huge.h"

enum { kRounds = 200, kBytes = 1 << 16 };

static char* volatile map;
static volatile int round_begun, loads;

static void* Loads(void* unused) {
  (void)unused;
  for (int round = 1; round <= kRounds; round++) {
    while (round_begun < round) sched_yield();
    (void)*(volatile char*)map;
    __sync_fetch_and_add(&loads, 1);
  }
  return NULL;
}

int main(void) {
  const int fd = MUST(memfd_create("file", 0));
  static char bytes[kBytes];
  memset(bytes, 1, sizeof bytes);
  CHECK_EQ(write(fd, bytes, sizeof bytes), kBytes);
  char* const area = HugeArea(1);
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, Loads, NULL);
  for (int round = 1; round <= kRounds; round++) {
    // Its page table goes with it: nothing else is in these 2 MiB.
    MUST(munmap(area, HugeSize()));
    map = MUST(mmap(area, kBytes, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0));
    loads = 0;
    round_begun = round;
    while (loads < 2) sched_yield();
    CHECK_EQ(SmapsField(area, "Rss:"), kBytes >> 10);
  }
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  Ok("once");
  return 0;
}
