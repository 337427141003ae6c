// A thread's name is fifteen characters, seen in /proc too.
// Covers: plugin/linux/task/prctl.cc plugin/linux/task/prctl_vma.cc
#include <sys/prctl.h>

#include "tests/abi/check.h"

int main(void) {
  char name[16];
  MUST(prctl(PR_SET_NAME, "a rather long name"));
  MUST(prctl(PR_GET_NAME, name));
  CHECK_EQ(strcmp(name, "a rather long n"), 0);
  char text[64] = {0};
  int fd = MUST(open("/proc/self/comm", O_RDONLY));
  MUST(read(fd, text, sizeof text - 1));
  CHECK_EQ(strcmp(text, "a rather long n\n"), 0);
  Ok("cut to fifteen");
  CHECK_FAILS(prctl(PR_SET_NAME, 8), EFAULT);
  CHECK_FAILS(prctl(123456789), EINVAL);
  Ok("errors");
}
