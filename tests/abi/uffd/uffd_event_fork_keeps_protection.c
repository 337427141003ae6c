// With EVENT_FORK the child's pages stay protected; its writes are reported to
// the new descriptor.

#include "tests/abi/uffd_threads.h"

static char* g_area;

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  g_area = Island(1, kReadWrite);
  g_area[0] = 'a';
  Arm(u, g_area, kPage, kWp);
  CHECK_EQ(WriteProtect(u, g_area, kPage, kProtect), 0);
  struct Reader reader;
  StartReader(&reader, u);
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CHECK(IsProtected(g_area));
    g_area[0] = 'c';
    CHECK_EQ(g_area[0], 'c');
    _exit(0);
  }
  struct uffd_msg message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_FORK);
  int child = (int)message.arg.fork.ufd;
  CHECK_PAGEFAULT(NextMessage(child), g_area, kWpFlags);
  CHECK(!HasMessage(u));
  CHECK_EQ(WriteProtect(child, g_area, kPage, 0), 0);
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  CHECK(IsProtected(g_area));
  CHECK_EQ(g_area[0], 'a');
  Ok("each has its own");
  return 0;
}
