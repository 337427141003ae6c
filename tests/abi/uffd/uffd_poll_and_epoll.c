// poll and epoll: readable while there are messages to read, not while threads
// wait for answers; never writable.

#include <sys/epoll.h>

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  int set = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.fd = u};
  MUST(epoll_ctl(set, EPOLL_CTL_ADD, u, &event));
  CHECK_EQ(MUST(epoll_wait(set, &event, 1, 0)), 0);
  struct Toucher t;
  StartLoad(&t, area);
  CHECK_EQ(MUST(epoll_wait(set, &event, 1, 10000)), 1);
  CHECK_EQ(event.events, EPOLLIN);
  CHECK_EQ(event.data.fd, u);
  struct pollfd p = {u, POLLIN | POLLOUT, 0};
  CHECK_EQ(MUST(poll(&p, 1, 10000)), 1);
  CHECK_EQ(p.revents, POLLIN);
  Ok("readable while a message is there");

  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK_EQ(MUST(epoll_wait(set, &event, 1, 0)), 0);
  CHECK(StillWaits(&t));
  Ok("not while a thread waits for its answer");

  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'a');

  // A fault that is answered before anybody read of it is not told.
  StartLoad(&t, area + kPage);
  CHECK_EQ(MUST(epoll_wait(set, &event, 1, 10000)), 1);
  CHECK_DONE(Copy(u, area + kPage, Letter('b'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'b');
  CHECK(!HasMessage(u));
  struct uffd_msg message;
  CHECK_FAILS(read(u, &message, sizeof message), EAGAIN);
  Ok("nor of faults that are over");
  return 0;
}
