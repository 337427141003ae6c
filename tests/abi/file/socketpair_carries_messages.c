// Unix socket pairs: a stream in both directions, shutdown, and datagrams
// whose bounds are kept.
// Covers: plugin/linux/ipc/socket_calls.cc plugin/linux/ipc/unix_socket.cc
// Covers: plugin/linux/ipc/unix_transfer.cc plugin/linux/ipc/sockopt_calls.cc
// Covers: plugin/linux/ipc/guest_bytes.cc plugin/linux/ipc/install_pair.cc
#include <sys/socket.h>

#include "tests/abi/check.h"

int main(void) {
  int fds[2];
  char buffer[16];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  CHECK_EQ(write(fds[0], "ab", 2), 2);
  CHECK_EQ(write(fds[0], "cd", 2), 2);
  CHECK_EQ(write(fds[1], "xy", 2), 2);
  CHECK_EQ(read(fds[1], buffer, sizeof buffer), 4);
  CHECK_EQ(memcmp(buffer, "abcd", 4), 0);
  CHECK_EQ(read(fds[0], buffer, sizeof buffer), 2);
  Ok("a stream each way");
  MUST(shutdown(fds[0], SHUT_WR));
  CHECK_EQ(read(fds[1], buffer, sizeof buffer), 0);
  CHECK_EQ(write(fds[1], "z", 1), 1);
  close(fds[1]);
  CHECK_EQ(read(fds[0], buffer, sizeof buffer), 1);
  CHECK_EQ(read(fds[0], buffer, sizeof buffer), 0);
  CHECK_FAILS(send(fds[0], "x", 1, MSG_NOSIGNAL), EPIPE);
  Ok("shutdown and close");

  MUST(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds));
  CHECK_EQ(send(fds[0], "one", 3, 0), 3);
  CHECK_EQ(send(fds[0], "two!", 4, 0), 4);
  CHECK_EQ(recv(fds[1], buffer, 2, 0), 2);
  CHECK_EQ(recv(fds[1], buffer, sizeof buffer, 0), 4);
  CHECK_EQ(memcmp(buffer, "two!", 4), 0);
  CHECK_FAILS(recv(fds[1], buffer, sizeof buffer, 0), EAGAIN);
  Ok("datagrams");
}
