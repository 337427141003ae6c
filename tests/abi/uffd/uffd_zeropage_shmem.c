// ZEROPAGE in shared memory allocates a page of the file; in a private mapping
// it maps the zero page whatever the file holds.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  int fd = MUST(memfd_create("file", 0));
  MUST(ftruncate(fd, 2 * kPage));
  char* shared = MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  Arm(u, shared, 2 * kPage, kMissing);
  CHECK_DONE(ZeroPage(u, shared, kPage, 0), kPage);
  struct stat st;
  MUST(fstat(fd, &st));
  CHECK_EQ(st.st_blocks, 8);
  shared[0] = 's';
  char c;
  CHECK_EQ(pread(fd, &c, 1, 0), 1);
  CHECK_EQ(c, 's');
  CHECK_REFUSED(ZeroPage(u, shared, kPage, 0), EEXIST);
  Ok("shared");

  char* private = MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_PRIVATE, fd, 0));
  Arm(u, private, 2 * kPage, kMissing);
  CHECK_DONE(ZeroPage(u, private, kPage, 0), kPage);
  CHECK_EQ(private[0], 0);
  private[0] = 'p';
  CHECK_EQ(shared[0], 's');
  Ok("private");
  return 0;
}
