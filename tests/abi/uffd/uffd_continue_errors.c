// UFFDIO_CONTINUE: EINVAL, ENOENT, EFAULT where the file has no page, EEXIST
// where one is mapped; what is mapped before an error counts.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  int fd = LetterFile(3);
  MUST(ftruncate(fd, 5 * kPage));
  char* area = MUST(mmap(NULL, 6 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  CHECK_REFUSED(Continue(u, area, kPage, 0), ENOENT);
  Arm(u, area, 6 * kPage, kMinor);
  CHECK_INVALID(Continue(u, area + 8, kPage, 0), EINVAL);
  CHECK_INVALID(Continue(u, area, 0, 0), EINVAL);
  CHECK_INVALID(Continue(u, area, kPage, 4), EINVAL);
  CHECK_REFUSED(Continue(u, area, kPage, kContinueWp), EINVAL);
  Ok("EINVAL, also of MODE_WP without WP");

  CHECK_REFUSED(Continue(u, area + 3 * kPage, kPage, 0), EFAULT);
  CHECK_REFUSED(Continue(u, area + 5 * kPage, kPage, 0), EINVAL);
  CHECK_PARTIAL(Continue(u, area, 5 * kPage, 0), 3 * kPage);
  Ok("EFAULT in holes of the file, EINVAL behind it");

  CHECK_REFUSED(Continue(u, area, kPage, 0), EEXIST);
  MUST(madvise(area, kPage, MADV_DONTNEED));
  CHECK_PARTIAL(Continue(u, area, 2 * kPage, 0), kPage);
  Ok("EEXIST where a page is mapped");

  char* anon = Island(1, kReadWrite);
  Arm(u, anon, kPage, kMissing);
  CHECK_REFUSED(Continue(u, anon, kPage, 0), EINVAL);
  Ok("anonymous memory has nothing to continue with");
  return 0;
}
