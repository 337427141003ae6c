// WRITEPROTECT of a whole huge page keeps it, of a part splits it; a store to
// it names the small page.

#include "tests/abi/huge.h"
#include "tests/abi/uffd_threads.h"

int main(void) {
  const size_t huge = HugeSize();
  char* area = HugeArea(1);
  memset(area, 'h', huge);
  if (HugeKb(area) != (long)(huge >> 10)) Skip("no huge page to be had");
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  Arm(u, area, huge, kWp);
  CHECK_EQ(WriteProtect(u, area, huge, kProtect), 0);
  CHECK_EQ(HugeKb(area), huge >> 10);
  CHECK(IsProtected(area));
  CHECK(IsProtected(area + huge - kPage));
  Ok("whole");

  struct Toucher t;
  StartStore(&t, area + 9 * kPage + 1);
  CHECK_PAGEFAULT(NextMessage(u), area + 9 * kPage, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, huge, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(HugeKb(area), huge >> 10);
  Ok("reported and freed as a whole");

  CHECK_EQ(WriteProtect(u, area, huge, kProtect), 0);
  StartStore(&t, area + 9 * kPage + 1);
  CHECK_PAGEFAULT(NextMessage(u), area + 9 * kPage, kWpFlags);
  CHECK_EQ(WriteProtect(u, area + 9 * kPage, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(HugeKb(area), 0);
  CHECK(!IsProtected(area + 9 * kPage));
  CHECK(IsProtected(area + 8 * kPage));
  CHECK(IsProtected(area + 10 * kPage));
  CHECK_EQ(area[10 * kPage], 'h');
  Ok("freeing one page splits it, and the others stay protected");
  return 0;
}
