// Protecting anonymous memory skips pages that are not there; with
// WP_UNPOPULATED (6.4) it remembers them.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int plain = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(2, kReadWrite);
  Arm(plain, area, 2 * kPage, kWp);
  CHECK_EQ(WriteProtect(plain, area, 2 * kPage, kProtect), 0);
  CHECK(!IsProtected(area));
  area[0] = 'a';
  CHECK(!HasMessage(plain));
  Ok("absent pages are not protected");

  int u = Uffd(kFeatureWpUnpopulated);
  char* other = Island(3, kReadWrite);
  Arm(u, other, 3 * kPage, kWp);
  CHECK_EQ(WriteProtect(u, other, 3 * kPage, kProtect), 0);
  CHECK(IsProtected(other));
  CHECK(!IsPresent(other));
  struct Toucher t;
  StartStore(&t, other);
  CHECK_PAGEFAULT(NextMessage(u), other, kWpFlags);
  CHECK_EQ(WriteProtect(u, other, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("with the feature they are");

  CHECK_EQ(other[kPage], 0);  // a load maps the zero page, protected
  CHECK(IsProtected(other + kPage));
  StartStore(&t, other + kPage);
  CHECK_PAGEFAULT(NextMessage(u), other + kPage, kWpFlags);
  CHECK_EQ(WriteProtect(u, other + kPage, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("also after a load");

  MUST(madvise(other + 2 * kPage, kPage, MADV_DONTNEED));
  CHECK(!IsProtected(other + 2 * kPage));
  other[2 * kPage] = 'x';
  CHECK(!HasMessage(u));
  Ok("until MADV_DONTNEED forgets");
  return 0;
}
