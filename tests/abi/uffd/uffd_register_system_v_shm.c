// System V segments are shared memory that userfaultfd does not take; with
// WP_ASYNC they can be write-protected.

#include <sys/shm.h>

#include "tests/abi/uffd.h"

int main(void) {
  int id = MUST(shmget(IPC_PRIVATE, kPage, IPC_CREAT | 0600));
  char* area = (char*)MUST(shmat(id, NULL, 0));
  MUST(shmctl(id, IPC_RMID, NULL));
  int u = Uffd(UFFD_FEATURE_MISSING_SHMEM | UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  CHECK_INVALID(Register(u, area, kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area, kPage, kMinor), EINVAL);
  CHECK_INVALID(Register(u, area, kPage, kWp), EINVAL);
  Ok("EINVAL in each mode");

  int async = Uffd(kFeatureWpAsync);
  CHECK_INVALID(Register(async, area, kPage, kWp | kMissing), EINVAL);
  area[0] = 'a';
  Arm(async, area, kPage, kWp);
  CHECK_EQ(WriteProtect(async, area, kPage, kProtect), 0);
  CHECK(IsProtected(area));
  area[0] = 'b';
  CHECK(!IsProtected(area));
  CHECK(!HasMessage(async));
  Ok("WP_ASYNC takes them");
  return 0;
}
