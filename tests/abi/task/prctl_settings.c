// What prctl keeps for a process or a thread, and what it refuses.
// Covers: plugin/linux/task/prctl.cc plugin/linux/task/prctl_vma.cc
#include <linux/prctl.h>
#include <sys/prctl.h>

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

int main(void) {
  CHECK_EQ(prctl(PR_GET_DUMPABLE), 1);
  MUST(prctl(PR_SET_DUMPABLE, 0));
  CHECK_EQ(prctl(PR_GET_DUMPABLE), 0);
  MUST(prctl(PR_SET_DUMPABLE, 1));
  CHECK_FAILS(prctl(PR_SET_DUMPABLE, 2), EINVAL);
  CHECK_FAILS(prctl(PR_SET_KEEPCAPS, 2), EINVAL);
  CHECK_EQ(prctl(PR_GET_KEEPCAPS), 0);
  MUST(prctl(PR_SET_KEEPCAPS, 1));
  CHECK_EQ(prctl(PR_GET_KEEPCAPS), 1);
  MUST(prctl(PR_SET_KEEPCAPS, 0));
  MUST(prctl(PR_SET_TIMERSLACK, 1234));
  CHECK_EQ(prctl(PR_GET_TIMERSLACK), 1234);
  CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
  CHECK_FAILS(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
  int value = -1;
  MUST(prctl(PR_SET_CHILD_SUBREAPER, 1));
  MUST(prctl(PR_GET_CHILD_SUBREAPER, &value));
  CHECK_EQ(value, 1);
  MUST(prctl(PR_SET_PDEATHSIG, SIGUSR1));
  MUST(prctl(PR_GET_PDEATHSIG, &value));
  CHECK_EQ(value, SIGUSR1);
  CHECK_FAILS(prctl(PR_SET_PDEATHSIG, 99), EINVAL);
  CHECK_FAILS(prctl(PR_GET_PDEATHSIG, 8), EFAULT);
  CHECK_EQ(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 0);
  MUST(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
  CHECK_EQ(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 1);
  CHECK_EQ(prctl(PR_CAPBSET_READ, 0), 1);
  CHECK_FAILS(prctl(PR_CAPBSET_READ, 999), EINVAL);
  CHECK_FAILS(prctl(0x7fffffff, 0, 0, 0, 0), EINVAL);
  Ok("what is set is what is told");

  char* area = Island(3, kReadWrite);
  struct MapsLine line;
  if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, area, kPage, "a name") == 0) {
    CHECK(FindMap(area, &line));
    CHECK(strcmp(line.name, "[anon:a name]") == 0);
    CHECK_EQ(line.end - line.start, kPage);
    CHECK_FAILS(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, area, kPage, "[x]"),
                EINVAL);
    CHECK_FAILS(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, area + 1, kPage, "x"),
                EINVAL);
    CHECK_FAILS(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, area, 4 * kPage, "x"),
                ENOMEM);
    CHECK_FAILS(prctl(PR_SET_VMA, 9, area, kPage, "x"), EINVAL);
    MUST(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, area, kPage, NULL));
    CHECK(FindMap(area, &line));
    CHECK(strcmp(line.name, "") == 0);
  }
  Ok("names of mappings, where the kernel has them");
}
