// poll and select: readiness, time-outs, hang-up, bad descriptors.
// Covers: plugin/linux/ipc/poll_calls.cc plugin/linux/ipc/poll_time.cc
// Covers: plugin/linux/ipc/poll_waiter.cc plugin/linux/ipc/select_calls.cc
#include <poll.h>
#include <sys/select.h>
#include <time.h>

#include "tests/abi/check.h"

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  struct pollfd set[3] = {
      {fds[0], POLLIN, 0}, {fds[1], POLLOUT, 0}, {-1, 0, 9}};
  CHECK_EQ(poll(set, 3, 0), 1);
  CHECK(set[0].revents == 0 && set[1].revents == POLLOUT &&
        set[2].revents == 0);
  CHECK_EQ(poll(set, 1, 3), 0);
  CHECK_EQ(write(fds[1], "x", 1), 1);
  CHECK_EQ(poll(set, 2, -1), 2);
  CHECK_EQ(set[0].revents, POLLIN);
  set[1].fd = 9999;
  CHECK_EQ(poll(set, 2, -1), 2);
  CHECK_EQ(set[1].revents, POLLNVAL);
  Ok("poll");

  fd_set readable, writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_SET(fds[0], &readable);
  FD_SET(fds[1], &writable);
  struct timeval timeout = {5, 0};
  CHECK_EQ(select(fds[1] + 1, &readable, &writable, NULL, &timeout), 2);
  CHECK(FD_ISSET(fds[0], &readable) && FD_ISSET(fds[1], &writable));
  CHECK(timeout.tv_sec >= 4);
  char byte;
  CHECK_EQ(read(fds[0], &byte, 1), 1);
  timeout = (struct timeval){0, 3000};
  CHECK_EQ(select(fds[0] + 1, &readable, NULL, NULL, &timeout), 0);
  CHECK(!FD_ISSET(fds[0], &readable));
  CHECK_EQ(timeout.tv_sec + timeout.tv_usec, 0);
  int gone = MUST(dup(0));
  MUST(close(gone));
  FD_SET(gone, &readable);
  CHECK_FAILS(select(gone + 1, &readable, NULL, NULL, &timeout), EBADF);
  Ok("select");

  close(fds[1]);
  CHECK_EQ(poll(set, 1, -1), 1);
  CHECK_EQ(set[0].revents, POLLHUP);
  int again[2];
  MUST(pipe(again));
  close(again[0]);
  struct pollfd writer = {again[1], POLLOUT, 0};
  CHECK_EQ(poll(&writer, 1, -1), 1);
  CHECK_EQ(writer.revents, POLLOUT | POLLERR);
  Ok("hang-up and error");
}
