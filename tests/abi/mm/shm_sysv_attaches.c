// Two attaches of a segment stay two, and shmdt() finds the pieces of one
// wherever they still lie as they were attached.
// Covers: plugin/linux/memory/shm.cc
#include <sys/ipc.h>
#include <sys/shm.h>

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

enum { kSize = 4 * kPage };

static long Attached(int id) {
  struct shmid_ds status;
  MUST(shmctl(id, IPC_STAT, &status));
  return (long)status.shm_nattch;
}

static char* AttachAt(int id, char* at) {
  return (char*)MUST(shmat(id, at, SHM_REMAP));
}

static void SideBySide(int id, char* area) {
  AttachAt(id, area);
  AttachAt(id, area + kSize);
  CHECK_EQ(CountMaps(area, 2 * kSize), 2);
  CHECK_FAILS(remap_file_pages(area + kPage, kSize, 0, 0, 0), EINVAL);
  MUST(shmdt(area));
  CHECK_EQ(CountMaps(area, 2 * kSize), 1);
  CHECK_EQ(Attached(id), 1);
  MUST(shmdt(area + kSize));
  Ok("two that touch are two");
}

static void WithoutItsStart(int id, char* area) {
  AttachAt(id, area);
  MUST(mmap(area, 2 * kPage, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  MUST(shmdt(area));
  CHECK_EQ(Attached(id), 0);
  CHECK_EQ(CountMaps(area, kSize), 1);
  Ok("the rest goes when the start has gone");
}

static void Moved(int id, char* area) {
  AttachAt(id, area);
  // Page 3 now lies where it would if page 0 were at `area` + 5 pages.
  char* moved = area + 8 * kPage;
  MUST(mremap(area + 3 * kPage, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED,
              moved));
  MUST(shmdt(area + 5 * kPage));
  CHECK_EQ(CountMaps(moved, kPage), 0);
  CHECK_EQ(Attached(id), 1);
  MUST(shmdt(area));
  Ok("a piece that was moved is found by where it would begin");
}

int main(void) {
  int id = MUST(shmget(IPC_PRIVATE, kSize, 0600 | IPC_CREAT));
  char* area = Island(16, PROT_NONE);
  MUST(munmap(area, 16 * kPage));
  SideBySide(id, area);
  WithoutItsStart(id, area);
  Moved(id, area);
  CHECK_FAILS(shmat(id, (void*)-(long)kPage, 0), EINVAL);
  Ok("not around the end of all addresses");
  MUST(shmctl(id, IPC_RMID, NULL));
}
