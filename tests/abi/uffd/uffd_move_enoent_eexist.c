// UFFDIO_MOVE: ENOENT where the source has no page or nothing is mapped, EEXIST
// where the destination has one; what is moved before an error counts.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(kFeatureMove);
  char* area = Island(4, kReadWrite);
  char* src = Island(4, kReadWrite);
  src[0] = 'a';
  src[kPage] = 'b';
  src[3 * kPage] = 'd';
  area[3 * kPage] = 'x';
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_REFUSED(Move(u, area, src + 2 * kPage, kPage, 0), ENOENT);
  CHECK_REFUSED(Move(u, area, src + 4 * kPage, kPage, 0), ENOENT);
  CHECK_REFUSED(Move(u, area + 4 * kPage, src, kPage, 0), ENOENT);
  Ok("ENOENT: a hole, and no mapping");

  CHECK_REFUSED(Move(u, area + 3 * kPage, src, kPage, 0), EEXIST);
  CHECK_EQ(area[3 * kPage], 'x');
  CHECK_EQ(src[0], 'a');
  Ok("EEXIST: both keep what they have");

  CHECK_PARTIAL(Move(u, area, src, 4 * kPage, 0), 2 * kPage);
  CHECK_EQ(area[0], 'a');
  CHECK_EQ(area[kPage], 'b');
  CHECK(!IsPresent(area + 2 * kPage));
  CHECK_EQ(src[3 * kPage], 'd');
  Ok("two of four, then EAGAIN");

  CHECK_REFUSED(Move(u, area, src, kPage, 0), EEXIST);
  Ok("a full destination is found before an empty source");
  return 0;
}
