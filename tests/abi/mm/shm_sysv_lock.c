// SHM_LOCK is paid for by the user, of all of whose segments no more than
// RLIMIT_MEMLOCK may be locked, in whole pages.
// Covers: plugin/linux/memory/shm_lock.cc plugin/linux/memory/shmctl.cc
#include <sys/resource.h>
#include <sys/shm.h>

#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"

static void Limit(rlim_t bytes) {
  struct rlimit limit = {bytes, 16 * kPage};
  MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
}

static int g_two, g_three;

static void Sibling(void) {
  CHECK_FAILS(shmctl(g_three, SHM_LOCK, NULL), ENOMEM);
  MUST(shmctl(g_two, SHM_UNLOCK, NULL));
  MUST(shmctl(g_three, SHM_LOCK, NULL));
}

static void Unprivileged(void) {
  MUST(setuid(1000));
  g_two = MUST(shmget(IPC_PRIVATE, 2 * kPage, 0600));
  g_three = MUST(shmget(IPC_PRIVATE, 3 * kPage, 0600));
  Limit(4 * kPage);
  MUST(shmctl(g_two, SHM_LOCK, NULL));
  MUST(shmctl(g_two, SHM_LOCK, NULL));
  CHECK_FAILS(shmctl(g_three, SHM_LOCK, NULL), ENOMEM);
  struct shmid_ds info;
  MUST(shmctl(g_two, IPC_STAT, &info));
  CHECK_EQ(info.shm_perm.mode, SHM_LOCKED | 0600);
  Ok("within the limit, once");

  CHECK_EQ(RunChild(Sibling), 0);
  MUST(shmctl(g_three, IPC_RMID, NULL));
  MUST(shmctl(g_two, SHM_LOCK, NULL));
  MUST(shmctl(g_two, SHM_UNLOCK, NULL));
  Ok("it is the user's, and comes back");

  Limit(2 * kPage - 1);
  CHECK_FAILS(shmctl(g_two, SHM_LOCK, NULL), ENOMEM);
  Limit(0);
  CHECK_FAILS(shmctl(g_two, SHM_LOCK, NULL), EPERM);
  MUST(shmctl(g_two, IPC_RMID, NULL));
  Ok("whole pages; none is no right at all");
}

int main(void) {
  if (geteuid() != 0) {
    Skip("needs root");
  }
  CHECK_EQ(RunChild(Unprivileged), 0);
  int id = MUST(shmget(IPC_PRIVATE, kPage, 0600));
  Limit(0);
  MUST(shmctl(id, SHM_LOCK, NULL));
  MUST(shmctl(id, IPC_RMID, NULL));
  Ok("root is not limited");
}
