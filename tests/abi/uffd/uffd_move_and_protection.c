// MOVE takes the protection of neither side along: the page arrives writable
// and not protected.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(kFeatureMove | kFeatureWpUnpopulated);
  char* area = Island(1, kReadWrite);
  char* src = Island(1, kReadWrite);
  src[0] = 's';
  Arm(u, area, kPage, kMissing | kWp);
  Arm(u, src, kPage, kWp);
  CHECK_EQ(WriteProtect(u, src, kPage, kProtect), 0);
  CHECK(IsProtected(src));
  CHECK_DONE(Move(u, area, src, kPage, 0), kPage);
  CHECK(!IsProtected(area));
  area[0] = 't';
  CHECK(!HasMessage(u));
  Ok("a protected source");

  MUST(madvise(area, kPage, MADV_DONTNEED));
  MUST(madvise(src, kPage, MADV_DONTNEED));
  CHECK_EQ(Unregister(u, src, kPage), 0);
  src[0] = 's';
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  CHECK(IsProtected(area));
  CHECK_REFUSED(Move(u, area, src, kPage, 0), EEXIST);
  Ok("a marker at the destination is in the way");
  return 0;
}
