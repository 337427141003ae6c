// A page in swap is not missing: it comes back without a message; write
// protection goes to swap with it.
// Options: --swap 16M

#include "tests/abi/swap.h"
#include "tests/abi/uffd_threads.h"

int main(void) {
  NeedSwap(1024);
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(4, kReadWrite);
  memset(area, 'a', 4 * kPage);
  Arm(u, area, 4 * kPage, kMissing | kWp);
  PageOut(area, 2);
  CHECK_EQ(PagemapWord(area) >> 62, 1);
  CHECK_REFUSED(Copy(u, area, Letter('x'), kPage, 0), EEXIST);
  CHECK_REFUSED(ZeroPage(u, area, kPage, 0), EEXIST);
  CHECK_EQ(area[0], 'a');
  CHECK(!HasMessage(u));
  Ok("it is there for COPY, and for who reads it");

  CHECK_EQ(WriteProtect(u, area, 4 * kPage, kProtect), 0);
  PageOut(area, 4);
  CHECK(IsProtected(area + 2 * kPage));
  struct Toucher t;
  StartStore(&t, area + 2 * kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + 2 * kPage, kWpFlags);
  CHECK_EQ(WriteProtect(u, area + 2 * kPage, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(area[3 * kPage], 'a');
  CHECK(IsProtected(area + 3 * kPage));
  Ok("protected before it went, protected when it is back");

  PageOut(area + 3 * kPage, 1);
  CHECK_EQ(WriteProtect(u, area + 3 * kPage, kPage, 0), 0);
  CHECK(!IsProtected(area + 3 * kPage));
  area[3 * kPage] = 'b';
  CHECK(!HasMessage(u));
  Ok("protection can be changed in swap");
  return 0;
}
