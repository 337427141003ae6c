// The zero page can be protected as any page: the store is reported, then gets
// a page of its own.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(1, kReadWrite);
  CHECK_EQ(*(volatile char*)area, 0);
  Arm(u, area, kPage, kWp);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  CHECK(IsProtected(area));
  struct Toucher t;
  StartStore(&t, area + 1);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(area[0], 0);
  CHECK_EQ(SmapsField(area, "Rss:"), 4);
  Ok("one message, then a copy");
  return 0;
}
