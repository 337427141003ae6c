// The ioctls a registration offers follow from its mode and from what the
// memory is, not from which would succeed there.

#include "tests/abi/uffd.h"

enum { kAlways = 1 << _UFFDIO_WAKE | 1 << _UFFDIO_COPY | kIoctlPoison };
enum { kSmall = kAlways | 1 << _UFFDIO_ZEROPAGE | kIoctlMove };
enum { kWpCall = 1 << _UFFDIO_WRITEPROTECT };
enum { kContinueCall = 1 << _UFFDIO_CONTINUE };

static uint64_t Mask(int u, char* area, uint64_t mode) {
  uint64_t mask = Arm(u, area, kPage, mode);
  CHECK_EQ(Unregister(u, area, kPage), 0);
  return mask;
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  char* anon = Island(1, kReadWrite);
  CHECK_EQ(Mask(u, anon, kMissing), kSmall);
  CHECK_EQ(Mask(u, anon, kWp), kSmall | kWpCall);
  CHECK_EQ(Mask(u, anon, kMissing | kWp), kSmall | kWpCall);
  Ok("anonymous memory");

  int fd = LetterFile(1);
  for (int i = 0; i < 2; i++) {
    char* shmem = MUST(mmap(NULL, kPage, kReadWrite,
                            i == 0 ? MAP_SHARED : MAP_PRIVATE, fd, 0));
    CHECK_EQ(Mask(u, shmem, kMissing), kSmall);
    CHECK_EQ(Mask(u, shmem, kWp), kSmall | kWpCall);
    CHECK_EQ(Mask(u, shmem, kMinor), kSmall | kContinueCall);
    CHECK_EQ(Mask(u, shmem, kMinor | kWp), kSmall | kWpCall | kContinueCall);
    CHECK_EQ(Mask(u, shmem, kMissing | kMinor), kSmall | kContinueCall);
    CHECK_EQ(Mask(u, shmem, kMissing | kMinor | kWp),
             kSmall | kWpCall | kContinueCall);
  }
  Ok("shared memory and private copies of it");

  char* zero =
      MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  CHECK_EQ(Mask(u, zero, kMissing), kSmall);
  Ok("shared anonymous memory");
  return 0;
}
