// Level-triggered reports as long as there is data, edge-triggered once an
// arrival, one-shot once until re-armed.
// Covers: plugin/linux/ipc/epoll.cc plugin/linux/ipc/epoll_calls.cc
#include <sys/epoll.h>

#include "tests/abi/check.h"

static int g_epoll, g_fds[2];

static int Wait(void) {
  struct epoll_event event = {0};
  int count = MUST(epoll_wait(g_epoll, &event, 1, 0));
  if (count == 1) {
    CHECK_EQ(event.data.u64, 0x123456789abcdefull);
    CHECK_EQ(event.events, EPOLLIN);
  }
  return count;
}

static void Watch(int operation, uint32_t events) {
  struct epoll_event event = {.events = events};
  event.data.u64 = 0x123456789abcdefull;
  MUST(epoll_ctl(g_epoll, operation, g_fds[0], &event));
}

int main(void) {
  g_epoll = MUST(epoll_create1(EPOLL_CLOEXEC));
  MUST(pipe(g_fds));
  Watch(EPOLL_CTL_ADD, EPOLLIN);
  CHECK_EQ(Wait(), 0);
  CHECK_EQ(write(g_fds[1], "ab", 2), 2);
  CHECK_EQ(Wait(), 1);
  CHECK_EQ(Wait(), 1);
  Ok("level: again and again");

  Watch(EPOLL_CTL_MOD, EPOLLIN | EPOLLET);
  CHECK_EQ(Wait(), 1);
  CHECK_EQ(Wait(), 0);
  CHECK_EQ(write(g_fds[1], "c", 1), 1);
  CHECK_EQ(Wait(), 1);
  CHECK_EQ(Wait(), 0);
  Ok("edge: once an arrival");

  Watch(EPOLL_CTL_MOD, EPOLLIN | EPOLLONESHOT);
  CHECK_EQ(Wait(), 1);
  CHECK_EQ(write(g_fds[1], "d", 1), 1);
  CHECK_EQ(Wait(), 0);
  Watch(EPOLL_CTL_MOD, EPOLLIN | EPOLLONESHOT);
  CHECK_EQ(Wait(), 1);
  Ok("one shot: until re-armed");
}
