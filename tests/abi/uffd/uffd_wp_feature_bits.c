// PAGEFAULT_FLAG_WP need not be asked for to register for write protection.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(1, kReadWrite);
  area[0] = 'a';
  Arm(u, area, kPage, kWp);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("it works without");
  return 0;
}
