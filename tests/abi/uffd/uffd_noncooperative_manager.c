// A manager in another process serves a process and the child that it forks:
// the message of the fork puts the child's descriptor into the manager.

#include "tests/abi/pass.h"
#include "tests/abi/uffd.h"

static int g_sockets[2];

// The managed process; exits with 0 if all it sees is right.
static void Managed(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_FORK);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  SendDescriptor(g_sockets[1], u);
  MUST(close(u));
  CHECK_EQ(*(volatile char*)area, '1');
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CHECK_EQ(area[0], '1');
    CHECK_EQ(*(volatile char*)(area + kPage), '2');
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  CHECK_EQ(*(volatile char*)(area + kPage), '3');
}

static void Serve(int u, char letter) {
  struct uffd_msg message = NextMessage(u);
  CHECK_EQ(message.event, UFFD_EVENT_PAGEFAULT);
  CHECK_DONE(
      Copy(u, (char*)message.arg.pagefault.address, Letter(letter), kPage, 0),
      kPage);
}

int main(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, g_sockets));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    Managed();
    _exit(0);
  }
  int u = ReceiveDescriptor(g_sockets[0]);
  Serve(u, '1');
  struct uffd_msg message = NextMessage(u);
  CHECK_EQ(message.event, UFFD_EVENT_FORK);
  Serve((int)message.arg.fork.ufd, '2');
  Serve(u, '3');
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  Ok("parent and child, each by its descriptor");
  return 0;
}
