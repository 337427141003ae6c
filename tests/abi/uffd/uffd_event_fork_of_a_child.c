// The descriptor of a fork has the features of its parent's: the child's own
// forks are told through it.

#include "tests/abi/uffd_threads.h"

static char* g_area;

static int Wait(pid_t pid) {
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  return status;
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_FORK);
  g_area = Island(1, kReadWrite);
  Arm(u, g_area, kPage, kMissing);
  struct Reader reader;
  StartReader(&reader, u);
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    pid_t grandchild = MUST(fork());
    if (grandchild == 0) _exit(*(volatile char*)g_area);
    _exit(Wait(grandchild) == 'g' << 8 ? 0 : 1);
  }
  struct uffd_msg message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_FORK);
  int child = (int)message.arg.fork.ufd;
  message = NextMessage(child);
  CHECK_EQ(message.event, UFFD_EVENT_FORK);
  int grandchild = (int)message.arg.fork.ufd;
  CHECK_PAGEFAULT(NextMessage(grandchild), g_area, kLoadFlags);
  CHECK_DONE(Copy(grandchild, g_area, Letter('g'), kPage, 0), kPage);
  CHECK_EQ(Wait(pid), 0);
  CHECK(!HasMessage(u));
  Ok("a grandchild's page");
  return 0;
}
