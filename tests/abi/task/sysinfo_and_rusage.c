// sysinfo and getrusage have plausible numbers.
// Covers: plugin/linux/system/calls.cc plugin/linux/task/rusage.cc
#include <sys/resource.h>
#include <sys/sysinfo.h>

#include "tests/abi/memory.h"

int main(void) {
  struct sysinfo info;
  MUST(sysinfo(&info));
  CHECK(info.mem_unit >= 1);
  CHECK(info.totalram > 0 && info.freeram <= info.totalram);
  CHECK(info.procs >= 1);
  Ok("sysinfo");
  struct rusage before, after;
  MUST(getrusage(RUSAGE_SELF, &before));
  char* area = Anonymous(256, kReadWrite);
  MUST(madvise(area, 256 * kPage, MADV_NOHUGEPAGE));
  for (int i = 0; i < 256; i++) area[i * kPage] = 1;
  MUST(getrusage(RUSAGE_SELF, &after));
  CHECK(after.ru_minflt - before.ru_minflt >= 256);
  CHECK(after.ru_maxrss >= 1024);
  CHECK_FAILS(getrusage(99, &after), EINVAL);
  Ok("a minor fault a page");
}
