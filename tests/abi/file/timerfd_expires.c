// A timerfd counts expirations, and is readable when there are any.
// Covers: plugin/linux/ipc/timerfd.cc plugin/linux/ipc/timerfd_calls.cc
#include <poll.h>
#include <sys/timerfd.h>

#include "tests/abi/check.h"

int main(void) {
  int fd = MUST(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  uint64_t count;
  CHECK_FAILS(read(fd, &count, 8), EAGAIN);
  struct itimerspec when = {{0, 2000000}, {0, 2000000}}, left;
  MUST(timerfd_settime(fd, 0, &when, NULL));
  struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
  CHECK_EQ(poll(&poll_fd, 1, 5000), 1);
  usleep(10000);
  CHECK_EQ(read(fd, &count, 8), 8);
  CHECK(count >= 3);
  MUST(timerfd_gettime(fd, &left));
  CHECK_EQ(left.it_interval.tv_nsec, 2000000);
  CHECK(left.it_value.tv_nsec <= 2000000);
  Ok("periodic");

  struct timespec past;
  MUST(clock_gettime(CLOCK_MONOTONIC, &past));
  when = (struct itimerspec){{0, 0}, past};
  MUST(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL));
  CHECK_EQ(poll(&poll_fd, 1, 5000), 1);
  CHECK_EQ(read(fd, &count, 8), 8);
  CHECK_EQ(count, 1);
  CHECK_FAILS(read(fd, &count, 8), EAGAIN);
  Ok("absolute, once");
  when.it_value.tv_nsec = 1000000000;
  CHECK_FAILS(timerfd_settime(fd, 0, &when, NULL), EINVAL);
  CHECK_FAILS(timerfd_create(99, 0), EINVAL);
  Ok("errors");
}
