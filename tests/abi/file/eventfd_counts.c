// An eventfd adds what is written; a read takes it all, or one as a semaphore.
// Covers: plugin/linux/ipc/eventfd.cc
#include <poll.h>
#include <sys/eventfd.h>

#include "tests/abi/check.h"

int main(void) {
  int fd = MUST(eventfd(3, EFD_NONBLOCK));
  uint64_t value = 4;
  CHECK_EQ(write(fd, &value, 8), 8);
  CHECK_EQ(read(fd, &value, 8), 8);
  CHECK_EQ(value, 7);
  CHECK_FAILS(read(fd, &value, 8), EAGAIN);
  CHECK_FAILS(read(fd, &value, 4), EINVAL);
  Ok("the sum, once");

  value = ~0ull - 1;
  CHECK_EQ(write(fd, &value, 8), 8);
  struct pollfd poll_fd = {.fd = fd, .events = POLLIN | POLLOUT};
  CHECK_EQ(poll(&poll_fd, 1, 0), 1);
  CHECK_EQ(poll_fd.revents, POLLIN);
  value = 1;
  CHECK_FAILS(write(fd, &value, 8), EAGAIN);
  value = ~0ull;
  CHECK_FAILS(write(fd, &value, 8), EINVAL);
  Ok("full");

  int semaphore = MUST(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
  for (int i = 0; i < 2; i++) {
    CHECK_EQ(read(semaphore, &value, 8), 8);
    CHECK_EQ(value, 1);
  }
  CHECK_FAILS(read(semaphore, &value, 8), EAGAIN);
  CHECK_FAILS(eventfd(0, 64), EINVAL);
  Ok("one at a time");
}
