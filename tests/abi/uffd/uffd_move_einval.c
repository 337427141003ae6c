// UFFDIO_MOVE: what is EINVAL: ranges, modes, and mappings that are not alike.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(kFeatureMove);
  char* area = Island(2, kReadWrite);
  char* src = Island(2, kReadWrite);
  memset(src, 's', 2 * kPage);
  Arm(u, area, 2 * kPage, kMissing);
  CHECK_INVALID(Move(u, area + 1, src, kPage, 0), EINVAL);
  CHECK_INVALID(Move(u, area, src + 1, kPage, 0), EINVAL);
  CHECK_INVALID(Move(u, area, src, 1, 0), EINVAL);
  CHECK_INVALID(Move(u, area, src, 0, 0), EINVAL);
  CHECK_INVALID(Move(u, area, src, kPage, 4), EINVAL);
  CHECK_INVALID(Move(u, area, src, 1ull << 63, 0), EINVAL);
  Ok("ranges and modes");

  CHECK_REFUSED(Move(u, area, src, 3 * kPage, 0), EINVAL);
  CHECK_REFUSED(Move(u, area + kPage, src, 2 * kPage, 0), EINVAL);
  Ok("ranges that leave their mapping");

  MUST(mprotect(src, kPage, PROT_READ));
  CHECK_REFUSED(Move(u, area, src, kPage, 0), EINVAL);
  MUST(mprotect(src, kPage, kReadWrite));
  MUST(mlock(src, kPage));
  CHECK_REFUSED(Move(u, area, src, kPage, 0), EINVAL);
  MUST(munlock(src, kPage));
  Ok("rights and locks that differ");

  char* shared =
      MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  shared[0] = 's';
  CHECK_REFUSED(Move(u, area, shared, kPage, 0), EINVAL);
  int fd = LetterFile(1);
  char* private = MUST(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, fd, 0));
  private[0] = 's';
  CHECK_REFUSED(Move(u, area, private, kPage, 0), EINVAL);
  Ok("sources that are not private anonymous memory");

  CHECK_REFUSED(Move(u, src, area, kPage, 0), EINVAL);
  Ok("a destination that is not registered");

  int other = Uffd(kFeatureMove);
  CHECK_REFUSED(Move(other, area, src, kPage, 0), EINVAL);
  Ok("or by another descriptor");

  CHECK_DONE(Move(u, area, src, kPage, 0), kPage);
  CHECK_EQ(area[0], 's');
  return 0;
}
