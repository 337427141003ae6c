// CONTINUE in a private mapping maps the file's page for reading; a store
// copies it.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  int fd = LetterFile(1);
  char* area = MUST(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, fd, 0));
  Arm(u, area, kPage, kMinor);
  CHECK_DONE(Continue(u, area, kPage, 0), kPage);
  CHECK_EQ(area[0], 'A');
  CHECK_EQ(pwrite(fd, "B", 1, 0), 1);
  CHECK_EQ(area[0], 'B');
  Ok("it is the file's page");

  area[0] = 'p';
  char c = 0;
  CHECK_EQ(pread(fd, &c, 1, 0), 1);
  CHECK_EQ(c, 'B');
  CHECK_EQ(pwrite(fd, "CC", 2, 0), 2);
  CHECK_EQ(area[0], 'p');
  CHECK(!HasMessage(u));
  Ok("until it is written to");
  return 0;
}
