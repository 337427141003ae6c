// System V shared memory: attached twice, across fork, and gone after the last
// detach of a removed segment.
// Covers: plugin/linux/memory/shm.cc plugin/linux/memory/shmctl.cc
#include <sys/shm.h>

#include "tests/abi/memory.h"

static char* g_area;

static void Child(void) {
  CHECK_EQ(g_area[0], 'p');
  g_area[kPage] = 'c';
}

int main(void) {
  int id = MUST(shmget(IPC_PRIVATE, 2 * kPage, IPC_CREAT | 0600));
  g_area = MUST(shmat(id, NULL, 0));
  char* twin = MUST(shmat(id, NULL, SHM_RDONLY));
  g_area[0] = 'p';
  CHECK_EQ(twin[0], 'p');
  CHECK_FAULT(Write(twin), SIGSEGV, SEGV_ACCERR, twin);
  Ok("two views, one read-only");

  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(g_area[kPage], 'c');
  struct shmid_ds info;
  MUST(shmctl(id, IPC_STAT, &info));
  CHECK_EQ(info.shm_segsz, 2 * kPage);
  CHECK_EQ(info.shm_nattch, 2);
  Ok("shared across fork, counted");

  MUST(shmctl(id, IPC_RMID, NULL));
  CHECK_EQ(g_area[0], 'p');
  MUST(shmdt(twin));
  MUST(shmdt(g_area));
  CHECK_FAILS(shmdt(g_area), EINVAL);
  CHECK_FAILS(shmat(id, NULL, 0), EINVAL);
  CHECK_FAULT(Read(g_area), SIGSEGV, SEGV_MAPERR, g_area);
  Ok("gone after the last detach");
}
