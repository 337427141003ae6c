// A descriptor sent over a socket serves the memory of the process that made
// it.

#include "tests/abi/pass.h"
#include "tests/abi/uffd_threads.h"

static int g_sockets[2];

int main(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, g_sockets));
  fflush(stdout);
  pid_t pid = MUST(fork());  // before the descriptor exists
  if (pid == 0) {
    int u = ReceiveDescriptor(g_sockets[0]);
    for (int i = 0; i < 2; i++) {
      uintptr_t at = NextMessage(u).arg.pagefault.address;
      CHECK_DONE(Copy(u, (char*)at, Letter('r'), kPage, 0), kPage);
    }
    _exit(0);
  }
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  SendDescriptor(g_sockets[1], u);
  MUST(close(u));
  CHECK_EQ(*(volatile char*)area, 'r');
  CHECK_EQ(*(volatile char*)(area + kPage), 'r');
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  Ok("two pages from the other process");
  return 0;
}
