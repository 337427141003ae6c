// WP_ASYNC and a huge page: a store splits it and frees one page.

#include "tests/abi/huge.h"
#include "tests/abi/uffd.h"

int main(void) {
  const size_t huge = HugeSize();
  char* area = HugeArea(1);
  memset(area, 'h', huge);
  if (HugeKb(area) != (long)(huge >> 10)) Skip("no huge page to be had");
  int u = Uffd(kFeatureWpAsync);
  Arm(u, area, huge, kWp);
  CHECK_EQ(WriteProtect(u, area, huge, kProtect), 0);
  CHECK_EQ(HugeKb(area), huge >> 10);
  area[5 * kPage] = 'w';
  CHECK(!HasMessage(u));
  CHECK_EQ(HugeKb(area), 0);
  CHECK(!IsProtected(area + 5 * kPage));
  CHECK(IsProtected(area + 4 * kPage));
  CHECK(IsProtected(area + 6 * kPage));
  CHECK_EQ(area[6 * kPage], 'h');
  Ok("one page is free, the others are protected");
  return 0;
}
