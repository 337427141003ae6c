// UFFDIO_UNREGISTER: what is EINVAL, and what is no error.

#include <sys/shm.h>

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(3, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  CHECK_EQ(Unregister(u, area + 1, kPage), EINVAL);
  CHECK_EQ(Unregister(u, area, kPage - 1), EINVAL);
  CHECK_EQ(Unregister(u, area, 0), EINVAL);
  CHECK_EQ(Unregister(u, NULL, kPage), EINVAL);
  CHECK_EQ(Unregister(u, area, 1ull << 63), EINVAL);
  CHECK_EQ(Unregister(u, area + 3 * kPage, kPage), EINVAL);
  Ok("bad ranges and ranges where nothing is mapped");

  CHECK_EQ(Unregister(u, area + 2 * kPage, kPage), 0);
  CHECK_EQ(Unregister(u, area, 3 * kPage), 0);
  CHECK_EQ(Unregister(u, area, 3 * kPage), 0);
  Ok("memory that is not registered is no error");

  int id = MUST(shmget(IPC_PRIVATE, kPage, IPC_CREAT | 0600));
  CHECK_EQ(shmat(id, area + 2 * kPage, SHM_REMAP), area + 2 * kPage);
  MUST(shmctl(id, IPC_RMID, NULL));
  Arm(u, area, 2 * kPage, kMissing);
  CHECK_EQ(Unregister(u, area, 3 * kPage), EINVAL);
  CHECK(HasVmFlag(area, "um"));
  Ok("memory that could not be registered is, for the whole range");
  return 0;
}
