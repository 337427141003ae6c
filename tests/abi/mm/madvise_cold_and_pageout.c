// MADV_COLD and MADV_PAGEOUT never change what memory holds, refuse locked
// memory, and leave alone what another process maps too. process_madvise()
// takes both.
// Options: --swap 16M

#include <sys/uio.h>

#include "../swap.h"

enum { kPages = 16 };
static char* g_area;

static void Touch(void) {
  for (int i = 0; i < kPages; i++) CHECK_EQ(g_area[i * kPage], i + 1);
  // The parent sends what it can; we hold on to what both map.
  MUST(madvise(g_area, kPages * kPage, MADV_PAGEOUT));
  CHECK_EQ(Resident(g_area, kPages), kPages);
}

int main(void) {
  g_area = Island(kPages, kReadWrite);
  MUST(madvise(g_area, kPages * kPage, MADV_NOHUGEPAGE));
  for (int i = 0; i < kPages; i++) memset(g_area + i * kPage, i + 1, kPage);
  MUST(madvise(g_area, kPages * kPage, MADV_COLD));
  CHECK_EQ(Resident(g_area, kPages), kPages);
  CHECK_EQ(RunChild(Touch), 0);
  MUST(madvise(g_area, kPages * kPage, MADV_PAGEOUT));
  for (int i = 0; i < kPages; i++) CHECK_EQ(g_area[i * kPage], i + 1);
  Ok("advice does not change memory");

  int self = MUST((int)syscall(SYS_pidfd_open, getpid(), 0));
  struct iovec part = {g_area, kPages * kPage};
  CHECK_EQ(syscall(SYS_process_madvise, self, &part, 1, MADV_COLD, 0),
           kPages * kPage);
  CHECK_EQ(syscall(SYS_process_madvise, self, &part, 1, MADV_PAGEOUT, 0),
           kPages * kPage);
  for (int i = 0; i < kPages; i++) CHECK_EQ(g_area[i * kPage], i + 1);
  Ok("process_madvise takes both");

  MUST(mlock(g_area, kPage));
  CHECK_FAILS(madvise(g_area, kPage, MADV_PAGEOUT), EINVAL);
  CHECK_FAILS(madvise(g_area, kPage, MADV_COLD), EINVAL);
  Ok("locked memory is refused");
  return 0;
}
