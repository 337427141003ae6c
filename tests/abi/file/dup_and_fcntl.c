// Duplicates share position and status flags, not FD_CLOEXEC.
// Covers: plugin/linux/fs/calls/fd_calls.cc
#include "tests/abi/check.h"

int main(void) {
  int fd = MUST(memfd_create("f", MFD_CLOEXEC));
  CHECK_EQ(write(fd, "hello", 5), 5);
  int copy = MUST(dup(fd));
  CHECK_EQ(copy, fd + 1);
  CHECK_EQ(lseek(copy, 0, SEEK_CUR), 5);
  CHECK_EQ(MUST(fcntl(fd, F_GETFD)), FD_CLOEXEC);
  CHECK_EQ(MUST(fcntl(copy, F_GETFD)), 0);
  MUST(fcntl(copy, F_SETFL, O_NONBLOCK | O_APPEND));
  CHECK_EQ(MUST(fcntl(fd, F_GETFL)) & (O_NONBLOCK | O_APPEND),
           O_NONBLOCK | O_APPEND);
  CHECK_EQ(MUST(fcntl(fd, F_GETFL)) & O_ACCMODE, O_RDWR);
  Ok("position and flags are the file's, close-on-exec the descriptor's");

  CHECK_EQ(MUST(dup2(fd, 50)), 50);
  CHECK_EQ(MUST(dup2(fd, fd)), fd);
  CHECK_FAILS(dup2(99, 50), EBADF);
  MUST(fcntl(50, F_GETFD));
  CHECK_EQ(MUST(dup3(fd, 50, O_CLOEXEC)), 50);
  CHECK_EQ(MUST(fcntl(50, F_GETFD)), FD_CLOEXEC);
  CHECK_FAILS(dup3(fd, fd, 0), EINVAL);
  CHECK_EQ(MUST(fcntl(fd, F_DUPFD, 50)), 51);
  CHECK_FAILS(dup(99), EBADF);
  CHECK_FAILS(fcntl(99, F_GETFD), EBADF);
  CHECK_FAILS(fcntl(fd, 12345, 0), EINVAL);
  Ok("numbers and errors");
  MUST(close(copy));
  CHECK_FAILS(close(copy), EBADF);
  CHECK_EQ(MUST(dup(fd)), copy);
  Ok("the lowest free number");
}
