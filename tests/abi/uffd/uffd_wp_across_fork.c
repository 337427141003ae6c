// fork without EVENT_FORK: the child is not registered and its pages are not
// protected; the parent's stay so.

#include "tests/abi/uffd_threads.h"

static char* g_area;

static void Child(void) {
  CHECK(!HasVmFlag(g_area, "uw"));
  CHECK(!IsProtected(g_area));
  g_area[0] = 'c';
  CHECK_EQ(g_area[0], 'c');
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  g_area = Island(2, kReadWrite);
  memset(g_area, 'a', 2 * kPage);
  Arm(u, g_area, 2 * kPage, kWp);
  CHECK_EQ(WriteProtect(u, g_area, kPage, kProtect), 0);
  CHECK_EQ(RunChild(Child), 0);
  CHECK(!HasMessage(u));
  Ok("the child writes freely");

  CHECK(IsProtected(g_area));
  struct Toucher t;
  StartStore(&t, g_area);
  CHECK_PAGEFAULT(NextMessage(u), g_area, kWpFlags);
  CHECK_EQ(g_area[0], 'a');
  CHECK_EQ(WriteProtect(u, g_area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  g_area[kPage] = 'x';
  CHECK(!HasMessage(u));
  Ok("the parent is stopped where it protected, and only there");
  return 0;
}
