#ifndef FAULTLINE_TESTS_ABI_PASS_H_
#define FAULTLINE_TESTS_ABI_PASS_H_

// Descriptors sent over a Unix socket.

#include <sys/socket.h>

#include "tests/abi/check.h"

static inline void SendDescriptor(int socket, int fd) {
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
  CHECK_EQ(sendmsg(socket, &m, 0), 1);
}

static inline int ReceiveDescriptor(int socket) {
  char byte, control[CMSG_SPACE(sizeof(int))];
  struct iovec vec = {&byte, 1};
  struct msghdr m = {.msg_iov = &vec,
                     .msg_iovlen = 1,
                     .msg_control = control,
                     .msg_controllen = sizeof control};
  CHECK_EQ(recvmsg(socket, &m, 0), 1);
  CHECK(CMSG_FIRSTHDR(&m) != NULL);
  int fd = -1;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
  return fd;
}

#endif  // FAULTLINE_TESTS_ABI_PASS_H_
