// connect(2) on one of a connected pair: the address is looked at before the
// socket's state, so without a listener it fails for its own reasons.
// Covers: plugin/linux/ipc/connect_call.cc
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/abi/check.h"

static struct sockaddr_un To(const char* path) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  strcpy(a.sun_path, path);
  return a;
}

int main(void) {
  int fds[2];
  CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  struct sockaddr_un a = To("/no/such/socket");
  const struct sockaddr* p = (const struct sockaddr*)&a;
  CHECK_FAILS(connect(fds[0], p, sizeof a), ENOENT);
  CHECK_FAILS(connect(fds[0], p, sizeof(sa_family_t)), EINVAL);
  CHECK_FAILS(connect(fds[0], p, sizeof a + 1), EINVAL);
  CHECK_FAILS(connect(fds[0], p, 200), EINVAL);
  CHECK_FAILS(connect(fds[0], NULL, sizeof a), EFAULT);
  CHECK_FAILS(connect(-1, p, sizeof a), EBADF);
  CHECK_FAILS(connect(0, p, sizeof a), ENOTSOCK);
  a.sun_family = AF_INET;
  CHECK_FAILS(connect(fds[0], p, sizeof a), EINVAL);
  a.sun_family = AF_UNSPEC;
  CHECK_FAILS(connect(fds[0], p, sizeof a), EINVAL);

  const int file = open("connect_of_a_pair", O_CREAT | O_RDWR, 0600);
  CHECK(file >= 0);
  a = To("connect_of_a_pair");
  CHECK_FAILS(connect(fds[0], p, sizeof a), ECONNREFUSED);
  CHECK_EQ(unlink("connect_of_a_pair"), 0);
  a = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(a.sun_path, "\0nobody", 7);
  CHECK_FAILS(connect(fds[0], p, offsetof(struct sockaddr_un, sun_path) + 7),
              ECONNREFUSED);
  CHECK_EQ(write(fds[0], "x", 1), 1);  // still connected

  // Datagrams can be disconnected, after which they have nowhere to go.
  CHECK_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
  a.sun_family = AF_UNSPEC;
  CHECK_EQ(connect(fds[0], p, sizeof(sa_family_t)), 0);
  CHECK_FAILS(send(fds[0], "x", 1, 0), ENOTCONN);
  return 0;
}
