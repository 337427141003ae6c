// One mapping of the wrong kind in the range refuses all of it.

#include <sys/shm.h>

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(3, kReadWrite);
  int id = MUST(shmget(IPC_PRIVATE, kPage, IPC_CREAT | 0600));
  CHECK_EQ(shmat(id, area + 2 * kPage, SHM_REMAP), area + 2 * kPage);
  MUST(shmctl(id, IPC_RMID, NULL));
  CHECK_INVALID(Register(u, area, 3 * kPage, kMissing), EINVAL);
  CHECK(!HasVmFlag(area, "um"));
  Ok("a System V segment is EINVAL for the memory before it");

  // Shared memory has minor faults, anonymous memory has not.
  MUST(mmap(area + 2 * kPage, kPage, kReadWrite,
            MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  CHECK_INVALID(Register(u, area, 3 * kPage, kMinor), EINVAL);
  CHECK(!HasVmFlag(area + 2 * kPage, "ui"));
  Arm(u, area + 2 * kPage, kPage, kMinor);
  Arm(u, area, 3 * kPage, kMissing);
  CHECK(HasVmFlag(area, "um"));
  CHECK(HasVmFlag(area + 2 * kPage, "um"));
  Ok("anonymous and shared memory go together where both can");
  return 0;
}
