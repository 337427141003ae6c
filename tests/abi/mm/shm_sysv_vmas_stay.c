// Each mapping of a SysV segment is counted as an attachment. One that was
// split stays split: no mapping of it goes by merging.
// Covers: guest_mm/vma/vma_merge.cc
#include <sys/ipc.h>
#include <sys/shm.h>

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static long Attached(int id) {
  struct shmid_ds status;
  MUST(shmctl(id, IPC_STAT, &status));
  return (long)status.shm_nattch;
}

int main(void) {
  int id = MUST(shmget(IPC_PRIVATE, 4 * kPage, 0600 | IPC_CREAT));
  char* area = MUST((char*)shmat(id, NULL, 0));
  CHECK_EQ(Attached(id), 1);
  MUST(mprotect(area + kPage, kPage, PROT_READ));
  CHECK_EQ(CountMaps(area, 4 * kPage), 3);
  CHECK_EQ(Attached(id), 3);
  MUST(mprotect(area + kPage, kPage, kReadWrite));
  CHECK_EQ(CountMaps(area, 4 * kPage), 3);
  CHECK_EQ(Attached(id), 3);
  MUST(mprotect(area, 4 * kPage, PROT_READ));
  CHECK_EQ(CountMaps(area, 4 * kPage), 3);
  MUST(mlock(area, 4 * kPage));
  MUST(munlock(area, 4 * kPage));
  CHECK_EQ(CountMaps(area, 4 * kPage), 3);
  Ok("split for good");

  MUST(mprotect(area + 2 * kPage, kPage, kReadWrite));
  CHECK_EQ(CountMaps(area, 4 * kPage), 4);
  // The border moves: the last page is taken over, the rest stays.
  MUST(mprotect(area + 3 * kPage, kPage, kReadWrite));
  CHECK_EQ(CountMaps(area, 4 * kPage), 4);
  MUST(shmdt(area));
  CHECK_EQ(CountMaps(area, 4 * kPage), 0);
  CHECK_EQ(Attached(id), 0);
  Ok("detached as one");
  MUST(shmctl(id, IPC_RMID, NULL));
}
