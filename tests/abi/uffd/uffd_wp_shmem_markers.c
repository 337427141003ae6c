// Shared memory remembers protection of pages that are not mapped: absent ones,
// and those whose mapping goes away, even with the file's page.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  int fd = LetterFile(2);
  MUST(ftruncate(fd, 4 * kPage));
  char* area = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  Arm(u, area, 4 * kPage, kWp);
  CHECK_EQ(WriteProtect(u, area, 4 * kPage, kProtect), 0);
  for (int i = 0; i < 4; i++) CHECK(IsProtected(area + i * kPage));
  CHECK(!IsPresent(area));
  Ok("none is mapped, all are protected");

  CHECK_EQ(area[0], 'A');
  CHECK(IsPresent(area));
  CHECK(IsProtected(area));
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  StartStore(&t, area + 2 * kPage);  // a hole of the file
  CHECK_PAGEFAULT(NextMessage(u), area + 2 * kPage, kWpFlags);
  CHECK_EQ(WriteProtect(u, area + 2 * kPage, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("mapped by a load or a store, they still are");

  CHECK_EQ(area[kPage], 'B');
  MUST(madvise(area + kPage, kPage, MADV_DONTNEED));
  CHECK(IsProtected(area + kPage));
  Ok("MADV_DONTNEED of shared memory loses no protection");

  char c = 'x';
  CHECK_EQ(pwrite(fd, &c, 1, kPage), 1);  // not a store through the mapping
  CHECK(!HasMessage(u));
  MUST(ftruncate(fd, 0));
  MUST(ftruncate(fd, 4 * kPage));
  CHECK(IsProtected(area + kPage));
  CHECK(IsProtected(area + 3 * kPage));
  StartStore(&t, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kWpFlags);
  CHECK_EQ(Unregister(u, area, 4 * kPage), 0);
  CHECK_EQ(Wake(u, area, 4 * kPage), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK(!IsProtected(area + 3 * kPage));
  Ok("nor does truncation; UNREGISTER does");
  return 0;
}
