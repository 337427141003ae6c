// fork without EVENT_FORK: the child's memory is not registered, pages that the
// parent misses are zeros there, and those that came are shared.

#include "tests/abi/uffd.h"

static char* g_area;
static int g_uffd;

static void Child(void) {
  CHECK(!HasVmFlag(g_area, "um"));
  CHECK_EQ(g_area[0], 'a');
  CHECK_EQ(g_area[kPage], 0);
  g_area[kPage] = 'c';
  CHECK(!HasMessage(g_uffd));
  // The descriptor is still the parent's.
  CHECK_DONE(Copy(g_uffd, g_area + kPage, Letter('z'), kPage, 0), kPage);
  CHECK_EQ(g_area[kPage], 'c');
}

int main(void) {
  g_uffd = Uffd(0);
  g_area = Island(2, kReadWrite);
  Arm(g_uffd, g_area, 2 * kPage, kMissing);
  CHECK_DONE(Copy(g_uffd, g_area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(g_area[kPage], 'z');
  CHECK(HasVmFlag(g_area, "um"));
  Ok("the child is on its own, and may serve its parent");
  return 0;
}
