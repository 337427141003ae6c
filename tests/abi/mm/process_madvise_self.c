// Since 6.13 process_madvise takes all advice for the caller itself.
// Covers: plugin/linux/memory/advice_calls.cc
// Options: --kernel 6.18
#include <sys/uio.h>
#include <sys/utsname.h>

#include "tests/abi/memory.h"

int main(void) {
  struct utsname name;
  int major = 0, minor = 0;
  MUST(uname(&name));
  sscanf(name.release, "%d.%d", &major, &minor);
  char* area = Island(1, kReadWrite);
  *area = 'x';
  struct iovec v = {area, kPage};
  int self = MUST(syscall(434, getpid(), 0));
  long advised = syscall(440, self, &v, 1, MADV_DONTNEED, 0);
  if (major * 1000 + minor < 6013) {
    CHECK_EQ(advised, -1);
    Ok("skipped: as for others");
    return 0;
  }
  CHECK_EQ(advised, kPage);
  CHECK_EQ(*area, 0);
  Ok("all of it");
}
