// What a Unix socket pair says of itself, its other calls, and what it refuses.
// Covers: plugin/linux/ipc/sockopt_calls.cc plugin/linux/ipc/socket_calls.cc
// Covers: plugin/linux/ipc/unix_socket.cc
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/abi/check.h"

static int Option(int fd, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  MUST(getsockopt(fd, SOL_SOCKET, name, &value, &length));
  CHECK_EQ(length, sizeof value);
  return value;
}

int main(void) {
  int ends[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  CHECK_EQ(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
  CHECK_EQ(Option(ends[0], SO_TYPE), SOCK_STREAM);
  CHECK_EQ(Option(ends[0], SO_DOMAIN), AF_UNIX);
  CHECK_EQ(Option(ends[0], SO_PROTOCOL), 0);
  CHECK_EQ(Option(ends[0], SO_ERROR), 0);
  CHECK_EQ(Option(ends[0], SO_ACCEPTCONN), 0);
  CHECK(Option(ends[0], SO_SNDBUF) > 0);
  CHECK(Option(ends[0], SO_RCVBUF) > 0);
  int on = 1;
  MUST(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  CHECK_EQ(Option(ends[0], SO_PASSCRED), 1);
  struct ucred who;
  socklen_t length = sizeof who;
  MUST(getsockopt(ends[0], SOL_SOCKET, SO_PEERCRED, &who, &length));
  CHECK_EQ(who.pid, getpid());
  CHECK_EQ(who.uid, 0);
  CHECK_FAILS(setsockopt(ends[0], SOL_SOCKET, 9999, &on, sizeof on),
              ENOPROTOOPT);
  CHECK_FAILS(getsockopt(ends[0], SOL_SOCKET, 9999, &on, &length), ENOPROTOOPT);
  CHECK_FAILS(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, 1), EINVAL);
  CHECK_FAILS(setsockopt(0x7fff, SOL_SOCKET, SO_PASSCRED, &on, 4), EBADF);
  CHECK_FAILS(getsockopt(0, SOL_SOCKET, SO_TYPE, &on, (socklen_t*)8), ENOTSOCK);
  Ok("options");

  struct sockaddr_un name;
  length = sizeof name;
  MUST(getsockname(ends[0], (struct sockaddr*)&name, &length));
  CHECK_EQ(length, sizeof(sa_family_t));
  CHECK_EQ(name.sun_family, AF_UNIX);
  length = sizeof name;
  MUST(getpeername(ends[0], (struct sockaddr*)&name, &length));
  CHECK_EQ(length, sizeof(sa_family_t));
  Ok("a pair has no names");

  CHECK_EQ(send(ends[0], "hello", 5, 0), 5);
  int count = 0;
  MUST(ioctl(ends[1], FIONREAD, &count));
  CHECK_EQ(count, 5);
  char text[8];
  CHECK_EQ(recv(ends[1], text, 8, MSG_PEEK), 5);
  CHECK_EQ(recvfrom(ends[1], text, 8, 0, NULL, NULL), 5);
  CHECK_FAILS(recv(ends[1], text, 8, MSG_DONTWAIT), EAGAIN);
  CHECK_EQ(sendto(ends[0], "x", 1, 0, NULL, 0), 1);
  MUST(shutdown(ends[0], SHUT_WR));
  CHECK_EQ(recv(ends[1], text, 8, 0), 1);
  CHECK_EQ(recv(ends[1], text, 8, 0), 0);
  CHECK_FAILS(send(ends[0], "x", 1, MSG_NOSIGNAL), EPIPE);
  CHECK_FAILS(shutdown(ends[0], 9), EINVAL);
  MUST(shutdown(ends[1], SHUT_RDWR));
  CHECK_FAILS(recv(0x7fff, text, 1, 0), EBADF);
  Ok("transfers and their end");

  CHECK_FAILS(socketpair(AF_UNIX, 99, 0, ends), EINVAL);
  CHECK_FAILS(socketpair(AF_UNIX, SOCK_STREAM, 9, ends), EPROTONOSUPPORT);
  CHECK_FAILS(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 8), EFAULT);
  Ok("what is refused");
}
