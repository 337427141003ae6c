// Minor faults: a page that the file has and the mapping has not is reported,
// and UFFDIO_CONTINUE maps it.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_MINOR_SHMEM);
  int fd = LetterFile(4);
  char* area = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  Arm(u, area, 4 * kPage, kMinor);
  struct Toucher t;
  StartLoad(&t, area + 9);
  CHECK_PAGEFAULT(NextMessage(u), area, kMinorFlags);
  CHECK_DONE(Continue(u, area, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'A');
  Ok("a load");

  StartStore(&t, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kMinorStore);
  CHECK_EQ(pwrite(fd, "zz", 2, kPage), 2);  // the handler may change it first
  CHECK_DONE(Continue(u, area + kPage, kPage, kDontWake), kPage);
  CHECK(StillWaits(&t));
  CHECK_EQ(Wake(u, area + kPage, kPage), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(area[kPage + 1], 'z');
  Ok("a store");

  CHECK_DONE(Continue(u, area + 2 * kPage, 2 * kPage, 0), 2 * kPage);
  CHECK_EQ(area[2 * kPage], 'C');
  CHECK_EQ(area[3 * kPage], 'D');
  CHECK(!HasMessage(u));
  Ok("pages that nobody waits for");

  MUST(madvise(area, kPage, MADV_DONTNEED));
  StartLoad(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kMinorFlags);
  CHECK_DONE(Continue(u, area, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'A');
  Ok("it is reported again when it is unmapped");
  return 0;
}
