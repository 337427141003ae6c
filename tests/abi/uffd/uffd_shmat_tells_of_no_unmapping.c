// shmat() with SHM_REMAP takes away what is there without an EVENT_UNMAP; mmap
// with MAP_FIXED waits until the event is read.

#include <sys/shm.h>

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_UNMAP);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  int id = MUST(shmget(IPC_PRIVATE, kPage, IPC_CREAT | 0600));
  CHECK_EQ(shmat(id, area, SHM_REMAP), area);
  MUST(shmctl(id, IPC_RMID, NULL));
  CHECK(!HasMessage(u));
  Ok("shmat");

  struct Reader reader;
  StartReader(&reader, u);
  CHECK_EQ(mmap(area + kPage, kPage, kReadWrite,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
           area + kPage);
  struct uffd_msg message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_UNMAP);
  CHECK_EQ(message.arg.remove.start, (uintptr_t)area + kPage);
  Ok("mmap");
  return 0;
}
