// UFFD_USER_MODE_ONLY: a fault of user code waits; the kernel's own access is a
// bad address, not a message.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = MUST(NewUffd(UFFD_USER_MODE_ONLY | O_CLOEXEC | O_NONBLOCK));
  CHECK_EQ(Handshake(u, 0), 0);
  char* area = Island(3, kReadWrite);
  Arm(u, area, 3 * kPage, kMissing);
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kStoreFlags);
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'w');
  Ok("user code is served");

  int fds[2];
  MUST(pipe(fds));
  CHECK_FAILS(write(fds[1], area + kPage, 8), EFAULT);
  CHECK_EQ(write(fds[1], "12345678", 8), 8);
  CHECK_FAILS(read(fds[0], area + kPage, 8), EFAULT);
  CHECK(!HasMessage(u));
  Ok("system calls get EFAULT, and nobody is told");

  CHECK_EQ(write(fds[1], "12345678", 8), 8);
  int file = MUST(memfd_create("file", 0));
  CHECK_EQ(write(file, area + kPage - 4, 8), 4);
  Ok("they stop where the missing page begins");

  CHECK_DONE(ZeroPage(u, area + kPage, kPage, 0), kPage);
  CHECK_EQ(read(fds[0], area + kPage, 8), 8);
  CHECK_EQ(area[kPage], '1');
  Ok("a page that is there is like any other");
  return 0;
}
