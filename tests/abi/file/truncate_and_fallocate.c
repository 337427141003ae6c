// Size changes: shrink and grow with zeroes, reserve, punch, with or without
// changing the size.
// Covers: plugin/linux/fs/calls/size_calls.cc plugin/linux/fs/regular_file.cc
#include "tests/abi/check.h"

static off_t Size(int fd) {
  struct stat st;
  MUST(fstat(fd, &st));
  return st.st_size;
}

static char ByteAt(int fd, off_t offset) {
  char byte;
  CHECK_EQ(pread(fd, &byte, 1, offset), 1);
  return byte;
}

int main(void) {
  enum { kPage = 4096 };
  int fd = MUST(memfd_create("f", 0));
  char page[kPage];
  memset(page, 'x', sizeof page);
  for (int i = 0; i < 4; i++) CHECK_EQ(write(fd, page, kPage), kPage);
  MUST(ftruncate(fd, 100));
  MUST(ftruncate(fd, 3 * kPage));
  CHECK_EQ(ByteAt(fd, 99), 'x');
  CHECK_EQ(ByteAt(fd, 100), 0);
  CHECK_EQ(ByteAt(fd, 2 * kPage), 0);
  CHECK_FAILS(ftruncate(fd, -1), EINVAL);
  Ok("truncate");

  MUST(fallocate(fd, 0, 0, 4 * kPage));
  CHECK_EQ(Size(fd), 4 * kPage);
  MUST(fallocate(fd, FALLOC_FL_KEEP_SIZE, 4 * kPage, kPage));
  CHECK_EQ(Size(fd), 4 * kPage);
  for (int i = 0; i < 4; i++)
    CHECK_EQ(pwrite(fd, page, kPage, i * kPage), kPage);
  MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kPage - 10,
                 kPage + 20));
  CHECK_EQ(ByteAt(fd, kPage - 11), 'x');
  CHECK_EQ(ByteAt(fd, kPage - 10), 0);
  CHECK_EQ(ByteAt(fd, kPage), 0);
  CHECK_EQ(ByteAt(fd, 2 * kPage + 9), 0);
  CHECK_EQ(ByteAt(fd, 2 * kPage + 10), 'x');
  CHECK_EQ(Size(fd), 4 * kPage);
  Ok("fallocate and punch");
  CHECK_FAILS(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, kPage), EOPNOTSUPP);
  CHECK_FAILS(fallocate(fd, 0, 0, 0), EINVAL);
  CHECK_FAILS(fallocate(fd, 0, -1, 10), EINVAL);
  int fds[2];
  MUST(pipe(fds));
  CHECK_FAILS(fallocate(fds[1], 0, 0, 1), ESPIPE);
  CHECK_FAILS(ftruncate(fds[1], 0), EINVAL);
  Ok("errors");
}
