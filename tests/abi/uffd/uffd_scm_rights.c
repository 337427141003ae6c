// A descriptor sent over a socket serves the memory of the process that made
// it.

#include <sys/socket.h>

#include "tests/abi/uffd_threads.h"

static int g_sockets[2];

static void SendDescriptor(int fd) {
  char byte = 'x', control[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec vec = {&byte, 1};
  struct msghdr m = {.msg_iov = &vec,
                     .msg_iovlen = 1,
                     .msg_control = control,
                     .msg_controllen = sizeof control};
  struct cmsghdr* c = CMSG_FIRSTHDR(&m);
  *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd),
                        .cmsg_level = SOL_SOCKET,
                        .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(c), &fd, sizeof fd);
  CHECK_EQ(sendmsg(g_sockets[1], &m, 0), 1);
}

static int ReceiveDescriptor(void) {
  char byte, control[CMSG_SPACE(sizeof(int))];
  struct iovec vec = {&byte, 1};
  struct msghdr m = {.msg_iov = &vec,
                     .msg_iovlen = 1,
                     .msg_control = control,
                     .msg_controllen = sizeof control};
  CHECK_EQ(recvmsg(g_sockets[0], &m, 0), 1);
  int fd = -1;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
  return fd;
}

int main(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, g_sockets));
  fflush(stdout);
  pid_t pid = MUST(fork());  // before the descriptor exists
  if (pid == 0) {
    int u = ReceiveDescriptor();
    for (int i = 0; i < 2; i++) {
      uintptr_t at = NextMessage(u).arg.pagefault.address;
      CHECK_DONE(Copy(u, (char*)at, Letter('r'), kPage, 0), kPage);
    }
    _exit(0);
  }
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  SendDescriptor(u);
  MUST(close(u));
  CHECK_EQ(*(volatile char*)area, 'r');
  CHECK_EQ(*(volatile char*)(area + kPage), 'r');
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  Ok("two pages from the other process");
  return 0;
}
