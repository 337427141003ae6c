// Registering a part of a huge page splits its mapping, not yet the page:
// protecting or dropping a part does.

#include "tests/abi/huge.h"
#include "tests/abi/uffd.h"

int main(void) {
  const size_t huge = HugeSize();
  char* area = HugeArea(1);
  memset(area, 'h', huge);
  if (HugeKb(area) != (long)(huge >> 10)) Skip("no huge page to be had");
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  Arm(u, area + huge / 2, kPage, kMissing | kWp);
  CHECK_EQ(CountMaps(area, huge), 3);
  CHECK_EQ(HugeKb(area), 0);  // no mapping covers one now
  CHECK_EQ(ResidentKb(area), huge >> 11);
  CHECK_EQ(area[huge / 2], 'h');
  CHECK(!HasMessage(u));
  CHECK_REFUSED(Copy(u, area + huge / 2, Letter('x'), kPage, 0), EEXIST);
  CHECK_EQ(WriteProtect(u, area + huge / 2, kPage, kProtect), 0);
  CHECK(IsProtected(area + huge / 2));
  CHECK(!IsProtected(area + huge / 2 - kPage));
  Ok("every page is there, one is protected");
  return 0;
}
