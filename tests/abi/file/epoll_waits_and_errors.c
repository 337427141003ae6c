// epoll_wait sleeps until something happens; what epoll_ctl refuses.
// Covers: plugin/linux/ipc/epoll.cc plugin/linux/ipc/epoll_calls.cc
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "tests/abi/check.h"

int main(void) {
  int epoll = MUST(epoll_create1(0)), fds[2];
  MUST(pipe(fds));
  struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = 1}}, got[4];
  MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event));
  CHECK_EQ(epoll_wait(epoll, got, 4, 2), 0);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    usleep(5000);
    _exit(write(fds[1], "x", 1) != 1);
  }
  CHECK_EQ(epoll_wait(epoll, got, 4, -1), 1);
  CHECK_EQ(got[0].data.u32, 1);
  CHECK_EQ(waitpid(pid, NULL, 0), pid);
  Ok("times out, and is woken");

  int counter = MUST(eventfd(1, 0));
  event = (struct epoll_event){.events = EPOLLOUT, .data = {.u32 = 2}};
  MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &event));
  CHECK_EQ(epoll_wait(epoll, got, 4, 0), 2);
  CHECK_EQ(got[0].data.u32 + got[1].data.u32, 3);
  close(fds[1]);
  char byte;
  CHECK_EQ(read(fds[0], &byte, 1), 1);
  CHECK_EQ(epoll_wait(epoll, got, 1, 0), 1);
  MUST(epoll_ctl(epoll, EPOLL_CTL_DEL, counter, NULL));
  CHECK_EQ(epoll_wait(epoll, got, 4, 0), 1);
  CHECK_EQ(got[0].events, EPOLLHUP);
  Ok("two at once; a hang-up");

  CHECK_FAILS(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event), EEXIST);
  CHECK_FAILS(epoll_ctl(epoll, EPOLL_CTL_MOD, counter, &event), ENOENT);
  CHECK_FAILS(epoll_ctl(epoll, EPOLL_CTL_DEL, counter, NULL), ENOENT);
  CHECK_FAILS(epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event), EINVAL);
  CHECK_FAILS(epoll_ctl(epoll, EPOLL_CTL_ADD, 99, &event), EBADF);
  int file = MUST(memfd_create("f", 0));
  CHECK_FAILS(epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event), EPERM);
  CHECK_FAILS(epoll_wait(epoll, got, 0, 0), EINVAL);
  CHECK_FAILS(epoll_wait(counter, got, 1, 0), EINVAL);
  MUST(close(fds[0]));
  CHECK_EQ(epoll_wait(epoll, got, 4, 0), 0);
  Ok("errors; closing removes");
}
