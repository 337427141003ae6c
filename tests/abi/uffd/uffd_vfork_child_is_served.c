// A child of vfork runs in its parent's memory: its faults are the parent's
// handler's, and no fork is told.

#include "tests/abi/uffd_threads.h"

static char* g_area;
static volatile char g_seen;

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_FORK);
  g_area = Island(1, kReadWrite);
  Arm(u, g_area, kPage, kMissing);
  struct Filler f;
  StartFiller(&f, u, 1, 'v');
  pid_t pid = vfork();
  if (pid == 0) {
    g_seen = *(volatile char*)g_area;
    _exit(0);
  }
  CHECK(pid > 0);
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  FinishFiller(&f);
  CHECK_EQ(g_seen, 'v');
  CHECK_EQ(g_area[0], 'v');
  Ok("one fault, no fork");
  return 0;
}
