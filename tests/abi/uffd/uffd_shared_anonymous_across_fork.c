// Shared anonymous memory: the child's mapping is not registered and fills the
// pages both see; who waits in the parent sees them after a wake.

#include "tests/abi/uffd_threads.h"

static char* g_area;

static void Child(void) {
  CHECK(!HasVmFlag(g_area, "um"));
  g_area[0] = 'c';
  g_area[kPage] = 'd';
}

int main(void) {
  int u = Uffd(0);
  g_area = MUST(
      mmap(NULL, 3 * kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  Arm(u, g_area, 3 * kPage, kMissing);
  struct Toucher t;
  StartLoad(&t, g_area);
  CHECK_PAGEFAULT(NextMessage(u), g_area, kLoadFlags);
  CHECK_EQ(RunChild(Child), 0);
  CHECK(StillWaits(&t));
  CHECK_REFUSED(Copy(u, g_area, Letter('x'), kPage, 0), EEXIST);
  CHECK_EQ(Wake(u, g_area, kPage), 0);
  CHECK_EQ(Seen(&t), 'c');
  CHECK_EQ(g_area[kPage], 'd');
  CHECK(!HasMessage(u));
  Ok("a page that the other put there is not missing");
  return 0;
}
