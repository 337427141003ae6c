// A pipe holds 64 KiB; a non-blocking end says EAGAIN; writes up to PIPE_BUF
// are all or nothing.
// Covers: plugin/linux/ipc/pipe_file.cc plugin/linux/ipc/install_pair.cc
#include <limits.h>

#include "tests/abi/check.h"

int main(void) {
  int fds[2];
  MUST(pipe2(fds, O_NONBLOCK | O_CLOEXEC));
  CHECK_EQ(MUST(fcntl(fds[0], F_GETFD)), FD_CLOEXEC);
  static char block[4096];
  char byte;
  CHECK_FAILS(read(fds[0], &byte, 1), EAGAIN);
  long total = 0, written;
  while ((written = write(fds[1], block, sizeof block)) > 0) total += written;
  CHECK_EQ(errno, EAGAIN);
  CHECK_EQ(total, 65536);
  CHECK_EQ(MUST(fcntl(fds[1], F_GETPIPE_SZ)), 65536);
  Ok("64 KiB, then EAGAIN");

  CHECK_EQ(read(fds[0], block, 4000), 4000);
  CHECK_FAILS(write(fds[1], block, PIPE_BUF), EAGAIN);
  CHECK_EQ(read(fds[0], block, 96), 96);
  CHECK_EQ(write(fds[1], block, PIPE_BUF), PIPE_BUF);
  Ok("PIPE_BUF bytes are all or nothing");
  CHECK_FAILS(lseek(fds[0], 0, SEEK_SET), ESPIPE);
  CHECK_FAILS(pread(fds[0], &byte, 1, 0), ESPIPE);
  CHECK_FAILS(write(fds[0], &byte, 1), EBADF);
  CHECK_FAILS(read(fds[1], &byte, 1), EBADF);
  CHECK_FAILS(pipe2(fds, 1), EINVAL);
  Ok("no position, one direction, unknown flag");
}
