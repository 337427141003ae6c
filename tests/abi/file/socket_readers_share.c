// Several readers wait on one socket. A stream's message serves as many of them
// as it has bytes for; a reader that will not wait is not kept by one that
// does.
#include <pthread.h>
#include <sys/socket.h>

#include "tests/abi/check.h"

static int fds[2];

static void* ReadOne(void* arg) {
  char byte;
  CHECK_EQ(read(fds[0], &byte, 1), 1);
  *(char*)arg = byte;
  return NULL;
}

static void StreamBytesServeEveryReader(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  pthread_t readers[3];
  char got[3] = {0};
  for (int i = 0; i < 3; i++)
    CHECK_EQ(pthread_create(&readers[i], NULL, ReadOne, &got[i]), 0);
  usleep(20000);
  CHECK_EQ(write(fds[1], "abc", 3), 3);
  for (int i = 0; i < 3; i++) CHECK_EQ(pthread_join(readers[i], NULL), 0);
  CHECK_EQ(got[0] + got[1] + got[2], 'a' + 'b' + 'c');
  MUST(close(fds[0]));
  MUST(close(fds[1]));
}

static void AWaitingReaderKeepsNobody(int type) {
  MUST(socketpair(AF_UNIX, type, 0, fds));
  pthread_t reader;
  char got = 0, byte;
  CHECK_EQ(pthread_create(&reader, NULL, ReadOne, &got), 0);
  usleep(20000);
  CHECK_FAILS(recv(fds[0], &byte, 1, MSG_DONTWAIT), EAGAIN);
  struct timeval limit = {0, 1000};
  MUST(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  CHECK_FAILS(recv(fds[0], &byte, 1, 0), EAGAIN);
  CHECK_EQ(write(fds[1], "x", 1), 1);
  CHECK_EQ(pthread_join(reader, NULL), 0);
  CHECK_EQ(got, 'x');
  MUST(close(fds[0]));
  MUST(close(fds[1]));
}

int main(void) {
  StreamBytesServeEveryReader();
  Ok("stream");
  AWaitingReaderKeepsNobody(SOCK_STREAM);
  AWaitingReaderKeepsNobody(SOCK_DGRAM);
  AWaitingReaderKeepsNobody(SOCK_SEQPACKET);
  Ok("a waiting reader keeps nobody");
}
