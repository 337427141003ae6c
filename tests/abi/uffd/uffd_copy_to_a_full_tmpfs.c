// COPY and ZEROPAGE into a file of a file system that is full: ENOMEM, after
// the pages that fitted.

#include <sys/mount.h>

#include "tests/abi/uffd.h"

int main(void) {
  char directory[] = "/tmp/full-XXXXXX";
  if (mkdtemp(directory) == NULL) Skip("no /tmp to write to");
  int mounted = mount("tmpfs", directory, "tmpfs", 0, "size=16384");
  char path[64];
  snprintf(path, sizeof path, "%s/file", directory);
  int fd = mounted == 0 ? open(path, O_RDWR | O_CREAT, 0600) : -1;
  if (mounted == 0) MUST(umount2(directory, MNT_DETACH));
  MUST(rmdir(directory));
  if (mounted != 0) Skip("mount is refused");
  MUST(ftruncate(fd, 8 * kPage));
  char* area = MUST(mmap(NULL, 8 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  char* src = Anonymous(8, kReadWrite);
  int u = Uffd(0);
  Arm(u, area, 8 * kPage, kMissing);
  CHECK_PARTIAL(Copy(u, area, src, 8 * kPage, 0), 4 * kPage);
  CHECK_REFUSED(Copy(u, area + 4 * kPage, src, kPage, 0), ENOMEM);
  CHECK_REFUSED(ZeroPage(u, area + 4 * kPage, kPage, 0), ENOMEM);
  CHECK_DONE(Poison(u, area + 4 * kPage, kPage, 0), kPage);
  Ok("four pages, then ENOMEM");

  MUST(madvise(area, kPage, MADV_REMOVE));
  CHECK_DONE(ZeroPage(u, area + 5 * kPage, kPage, 0), kPage);
  Ok("until one is free again");
  return 0;
}
