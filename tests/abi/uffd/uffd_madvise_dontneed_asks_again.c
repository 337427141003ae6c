// MADV_DONTNEED makes pages missing again; a mapping made anew is
// not registered.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  memset(area, 'a', 2 * kPage);
  Arm(u, area, 2 * kPage, kMissing);
  MUST(madvise(area, kPage, MADV_DONTNEED));
  struct Toucher t;
  for (int i = 0; i < 3; i++) {
    StartLoad(&t, area);
    CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
    CHECK_DONE(Copy(u, area, Letter('0' + i), kPage, 0), kPage);
    CHECK_EQ(Seen(&t), '0' + i);
    MUST(madvise(area, kPage, MADV_DONTNEED));
  }
  CHECK_EQ(area[kPage], 'a');
  CHECK(!HasMessage(u));
  Ok("each time");

  char* other = Island(1, kReadWrite);
  Arm(u, other, kPage, kMissing);
  MUST(munmap(other, kPage));
  CHECK_EQ(mmap(other, kPage, kReadWrite,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
           other);
  CHECK_EQ(other[0], 0);
  Ok("memory mapped anew is not registered");
  return 0;
}
