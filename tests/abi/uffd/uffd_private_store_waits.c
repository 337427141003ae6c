// A store to a private mapping of a file whose page is missing waits with its
// copy in hand: the handler fills the file, and the copy is made of that.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  int fd = MUST(memfd_create("file", 0));
  MUST(ftruncate(fd, 2 * kPage));
  char* area = MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_PRIVATE, fd, 0));
  Arm(u, area, 2 * kPage, kMissing);
  struct Toucher t;
  StartStore(&t, area + 1);
  CHECK_PAGEFAULT(NextMessage(u), area, kStoreFlags);
  // Whoever counts pages now must know of the copy (run with --validate).
  CHECK_EQ(Resident(area, 1), 0);
  CHECK_EQ(pwrite(fd, "file", 4, 0), 4);
  CHECK_EQ(Wake(u, area, kPage), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(memcmp(area, "fwle", 4), 0);
  char of_file[4];
  CHECK_EQ(pread(fd, of_file, 4, 0), 4);
  CHECK_EQ(memcmp(of_file, "file", 4), 0);
  Ok("the copy is of what the handler wrote to the file");

  StartStore(&t, area + kPage + 1);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kStoreFlags);
  char page[kPage] = "page";
  CHECK_DONE(Copy(u, area + kPage, page, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(memcmp(area + kPage, "pwge", 4), 0);
  CHECK_EQ(pread(fd, of_file, 4, kPage), 4);
  CHECK_EQ(memcmp(of_file, "\0\0\0", 4), 0);
  Ok("UFFDIO_COPY gives the mapping a page of its own");
  return 0;
}
