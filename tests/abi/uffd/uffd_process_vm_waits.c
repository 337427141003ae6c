// process_vm_readv and process_vm_writev of another process wait for that
// process's handler.

#include <sys/uio.h>

#include "tests/abi/uffd_threads.h"

static char* g_area;

static void Peer(void) {
  char bytes[3] = "";
  struct iovec here = {bytes, 2}, there = {g_area + kPage - 1, 2};
  CHECK_EQ(process_vm_readv(getppid(), &here, 1, &there, 1, 0), 2);
  CHECK_EQ(memcmp(bytes, "pp", 2), 0);
  there.iov_base = g_area + 2 * kPage;
  CHECK_EQ(process_vm_writev(getppid(), &here, 1, &there, 1, 0), 2);
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_THREAD_ID);
  g_area = Island(3, kReadWrite);
  Arm(u, g_area, 3 * kPage, kMissing);
  struct Filler f;
  StartFiller(&f, u, 3, 'p');
  CHECK_EQ(RunChild(Peer), 0);
  FinishFiller(&f);
  CHECK_EQ(g_area[2 * kPage + 2], 'p');
  CHECK(f.last.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WRITE);
  CHECK(f.last.arg.pagefault.feat.ptid != (uint32_t)getpid());
  Ok("read twice, written once, by a thread of the peer's");
  return 0;
}
