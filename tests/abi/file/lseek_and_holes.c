// Positions: three origins, past the end, before the start; SEEK_DATA and
// SEEK_HOLE.
// Covers: plugin/linux/fs/regular_file.cc
#include "tests/abi/check.h"

int main(void) {
  enum { kPage = 4096 };
  int fd = MUST(memfd_create("f", 0));
  CHECK_EQ(write(fd, "hello", 5), 5);
  CHECK_EQ(lseek(fd, 1, SEEK_SET), 1);
  CHECK_EQ(lseek(fd, 2, SEEK_CUR), 3);
  CHECK_EQ(lseek(fd, -1, SEEK_END), 4);
  CHECK_FAILS(lseek(fd, -10, SEEK_CUR), EINVAL);
  CHECK_FAILS(lseek(fd, 0, 99), EINVAL);
  CHECK_EQ(lseek(fd, 0, SEEK_CUR), 4);
  Ok("set, current, end");

  CHECK_EQ(lseek(fd, 10 * kPage, SEEK_SET), 10 * kPage);
  char byte;
  CHECK_EQ(read(fd, &byte, 1), 0);
  CHECK_EQ(write(fd, "x", 1), 1);
  CHECK_EQ(pread(fd, &byte, 1, 5 * kPage), 1);
  CHECK_EQ(byte, 0);
  CHECK_EQ(lseek(fd, 0, SEEK_DATA), 0);
  CHECK_EQ(lseek(fd, 0, SEEK_HOLE), kPage);
  CHECK_EQ(lseek(fd, kPage, SEEK_DATA), 10 * kPage);
  CHECK_EQ(lseek(fd, 10 * kPage, SEEK_HOLE), 10 * kPage + 1);
  CHECK_FAILS(lseek(fd, 10 * kPage + 1, SEEK_DATA), ENXIO);
  Ok("a hole in the middle");
}
