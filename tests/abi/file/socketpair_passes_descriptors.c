// SCM_RIGHTS carries an open file to another process.
// Covers: plugin/linux/ipc/scm.cc
#include <sys/socket.h>

#include "tests/abi/check.h"

static union {
  struct cmsghdr header;
  char space[CMSG_SPACE(sizeof(int))];
} g_control;

static struct msghdr Message(struct iovec* data) {
  return (struct msghdr){.msg_iov = data,
                         .msg_iovlen = 1,
                         .msg_control = &g_control,
                         .msg_controllen = sizeof g_control};
}

int main(void) {
  int sockets[2];
  char byte = 'x';
  struct iovec data = {&byte, 1};
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    int file = MUST(memfd_create("gift", 0));
    CHECK_EQ(write(file, "hello", 5), 5);
    g_control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof file),
                                        .cmsg_level = SOL_SOCKET,
                                        .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&g_control.header), &file, sizeof file);
    struct msghdr message = Message(&data);
    _exit(sendmsg(sockets[1], &message, 0) != 1);
  }
  struct msghdr message = Message(&data);
  CHECK_EQ(recvmsg(sockets[0], &message, MSG_CMSG_CLOEXEC), 1);
  CHECK_EQ(waitpid(pid, NULL, 0), pid);
  CHECK_EQ(g_control.header.cmsg_type, SCM_RIGHTS);
  int file;
  memcpy(&file, CMSG_DATA(&g_control.header), sizeof file);
  CHECK_EQ(MUST(fcntl(file, F_GETFD)), FD_CLOEXEC);
  char text[5];
  CHECK_EQ(pread(file, text, 5, 0), 5);
  CHECK_EQ(memcmp(text, "hello", 5), 0);
  Ok("the file arrived, its sender gone");
  CHECK_EQ(lseek(file, 0, SEEK_CUR), 5);
  Ok("with its position");
}
