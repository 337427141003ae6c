// COPY with MODE_WP to a huge page, and a child that writes freely.

#include "tests/abi/hugetlb.h"
#include "tests/abi/uffd_threads.h"

static char* g_area;

static void Child(void) {
  g_area[0] = 'c';
  CHECK_EQ(g_area[1], 's');
}

static void Body(void) {
  const size_t huge = Huge();
  int u = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  g_area = MapHuge(1, kHugeFlags);
  Arm(u, g_area, huge, kMissing | kWp);
  char* src = Anonymous(huge / kPage, kReadWrite);
  memset(src, 's', huge);
  CHECK_DONE(Copy(u, g_area, src, huge, UFFDIO_COPY_MODE_WP), huge);
  CHECK(IsProtected(g_area));
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(g_area[0], 's');
  struct Toucher t;
  StartStore(&t, g_area);
  CHECK_PAGEFAULT(NextMessage(u), g_area, kWpFlags);
  CHECK_EQ(WriteProtect(u, g_area, huge, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("protected for the parent, not for its child");
}

int main(void) { return WithPool(3, Body); }
