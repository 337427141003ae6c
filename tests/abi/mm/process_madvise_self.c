// Since 6.13 process_madvise takes all advice for the caller itself.
// Covers: plugin/linux/memory/advice_calls.cc
// Options: --kernel 6.18
#include <sys/uio.h>
#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(1, kReadWrite);
  *area = 'x';
  struct iovec v = {area, kPage};
  int self = MUST(syscall(434, getpid(), 0));
  long advised = syscall(440, self, &v, 1, MADV_DONTNEED, 0);
  if (!KernelSince(6, 13)) {
    CHECK_EQ(advised, -1);
    Ok("skipped: as for others");
    return 0;
  }
  CHECK_EQ(advised, kPage);
  CHECK_EQ(*area, 0);
  Ok("all of it");
}
