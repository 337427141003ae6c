// readv and writev: partial at a bad vector, bad counts, and order.
// Covers: plugin/linux/fs/calls/read_write.cc
#include <sys/uio.h>

#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(1);
  char* none = Island(1, PROT_NONE);
  char a[10], b[10];
  struct iovec out[3] = {{"abc", 3}, {NULL, 0}, {"defg", 4}};
  CHECK_EQ(pwritev(file, out, 3, 10), 7);
  struct iovec in[3] = {{a, 2}, {b, 3}, {none, 5}};
  CHECK_EQ(preadv(file, in, 3, 10), 5);
  CHECK_EQ(memcmp(a, "ab", 2), 0);
  CHECK_EQ(memcmp(b, "cde", 3), 0);
  Ok("scattered, partial at the bad one");
  in[0].iov_base = none;
  CHECK_FAILS(preadv(file, in, 3, 10), EFAULT);
  CHECK_FAILS(syscall(SYS_readv, file, in, -1), EINVAL);
  CHECK_FAILS(syscall(SYS_readv, file, in, 1025), EINVAL);
  CHECK_EQ(readv(file, in, 0), 0);
  CHECK_FAILS(readv(file, (struct iovec*)none, 1), EFAULT);
  in[0] = (struct iovec){a, (size_t)-1};
  CHECK_FAILS(readv(file, in, 1), EINVAL);
  Ok("errors");
}
