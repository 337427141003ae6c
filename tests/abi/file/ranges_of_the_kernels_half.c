// What is read to or written from must lie in the program's half, even if it is
// of no bytes, and even if so much would never be transferred.
// Covers: plugin/linux/fs/calls/read_write.cc plugin/linux/fs/iov_iter.cc

#include <sys/uio.h>

#include "tests/abi/kernel.h"

static char bytes[8];
static volatile size_t all = -1ul, half = 1ul << 63, quarter = 1ul << 62;

static void OfNothing(int fd) {
  char* const high = (char*)-1ul;
  CHECK_FAILS(read(fd, high, 0), EFAULT);
  CHECK_FAILS(write(fd, high, 0), EFAULT);
  CHECK_FAILS(read(fd, (char*)0xffff800000000000, 0), EFAULT);
  CHECK_FAILS(read(77, high, 0), EBADF);
}

int main(void) {
  const int zero = MUST(open("/dev/zero", O_RDWR));
  OfNothing(zero);
  CHECK_FAILS(pread(zero, (char*)-1ul, 0, 0), EFAULT);
  CHECK_FAILS(pread(zero, bytes, all, -1), EINVAL);
  int ends[2];
  MUST(pipe(ends));
  CHECK_FAILS(read(ends[0], (char*)-1ul, 0), EFAULT);
  CHECK_FAILS(write(ends[1], (char*)-1ul, 0), EFAULT);
  Ok("of no bytes");

  CHECK_FAILS(read(zero, bytes, all), EFAULT);
  CHECK_FAILS(write(zero, bytes, all), EFAULT);
  CHECK_FAILS(read(zero, bytes, half), EFAULT);
  CHECK_FAILS(write(zero, bytes, quarter), EFAULT);
  Ok("of too many");

  const struct iovec high[] = {{bytes, 1}, {(char*)-1ul, 0}};
  const struct iovec wide[] = {{bytes, 1}, {bytes, 1ul << 62}};
  const struct iovec negative[] = {{bytes, 1}, {bytes, 1ul << 63}};
  CHECK_FAILS(writev(zero, high, 2), EFAULT);
  CHECK_FAILS(writev(zero, high + 1, 1), EFAULT);
  CHECK_FAILS(writev(zero, wide, 2), EFAULT);
  CHECK_FAILS(writev(zero, negative, 2), EINVAL);
  Ok("vectors");
  return 0;
}
