// MOVE concerns the descriptor's own process: a child that inherited it gets
// EINVAL; COPY goes into the process that made the descriptor.

#include "tests/abi/uffd.h"

static int g_uffd;
static char *g_area, *g_src;

static void Child(void) {
  memset(g_src, 'c', kPage);
  CHECK_EQ(Move(g_uffd, g_area, g_src, kPage, 0).error, EINVAL);
  CHECK_DONE(Copy(g_uffd, g_area, g_src, kPage, 0), kPage);
  CHECK_EQ(g_area[0], 0);  // the child's own memory is not concerned
}

int main(void) {
  g_uffd = Uffd(kFeatureMove);
  g_area = Island(1, kReadWrite);
  g_src = Island(1, kReadWrite);
  Arm(g_uffd, g_area, kPage, kMissing);
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(g_area[0], 'c');
  CHECK(!HasMessage(g_uffd));
  Ok("the child filled a page of the parent's");
  return 0;
}
