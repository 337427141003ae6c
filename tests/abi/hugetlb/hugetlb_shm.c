// System V shared memory in huge pages: reserved when it is made, attached at
// whole pages.
// Covers: plugin/linux/memory/shm.cc

#include <sys/shm.h>

#include "tests/abi/hugetlb.h"

static void Body(void) {
  const size_t huge = Huge();
  CHECK_FAILS(shmget(IPC_PRIVATE, 5 * huge, SHM_HUGETLB | IPC_CREAT | 0600),
              ENOMEM);
  int id = MUST(shmget(IPC_PRIVATE, huge + 1, SHM_HUGETLB | IPC_CREAT | 0600));
  CHECK_POOL(4, 2);
  char* p = (char*)MUST(shmat(id, NULL, 0));
  CHECK_EQ((uintptr_t)p % huge, 0);
  struct MapsLine line;
  CHECK(FindMap(p, &line));
  CHECK_EQ(line.end - line.start, 2 * huge);
  CHECK_POOL(4, 2);
  p[0] = 'a';
  CHECK_POOL(3, 1);
  char* q = (char*)MUST(shmat(id, NULL, 0));
  CHECK_EQ(q[0], 'a');
  struct shmid_ds ds;
  MUST(shmctl(id, IPC_STAT, &ds));
  CHECK_EQ(ds.shm_segsz, huge + 1);
  CHECK_EQ(ds.shm_nattch, 2);
  CHECK_FAILS(shmat(id, p + 8 * huge + kPage, 0), EINVAL);
  MUST(shmdt(q));
  MUST(shmdt(p));
  CHECK_POOL(3, 1);
  MUST(shmctl(id, IPC_RMID, NULL));
  CHECK_POOL(4, 0);
  CHECK_FAILS(
      shmget(IPC_PRIVATE, huge, SHM_HUGETLB | IPC_CREAT | 0600 | 63 << 26),
      EINVAL);
  Ok("shared memory in huge pages");
}

int main(void) { return WithPool(4, Body); }
