// A bad pointer given to a system call is EFAULT, never a signal.
#include <sys/utsname.h>
#include <time.h>

#include "tests/abi/memory.h"

int main(void) {
  char* none = Island(1, PROT_NONE);
  char* constant = Island(1, PROT_READ);
  CHECK_FAILS(uname((struct utsname*)none), EFAULT);
  CHECK_FAILS(uname((struct utsname*)constant), EFAULT);
  CHECK_FAILS(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, constant), EFAULT);
  CHECK_FAILS(syscall(SYS_getcwd, constant, kPage), EFAULT);
  CHECK_FAILS(openat(AT_FDCWD, none, O_RDONLY), EFAULT);
  int lowest = MUST(dup(0));
  MUST(close(lowest));
  CHECK_FAILS(pipe((int*)constant), EFAULT);
  CHECK_FAILS(syscall(SYS_getrandom, constant, 16, 0), EFAULT);
  CHECK_FAILS(uname((struct utsname*)-kPage), EFAULT);
  Ok("unreadable, unwritable and impossible pointers");

  int fds[2];
  MUST(pipe(fds));
  CHECK_EQ(fds[0], lowest);  // the failed pipe left no descriptors behind
  CHECK_FAILS(write(fds[1], none, 10), EFAULT);
  CHECK_EQ(write(fds[1], "abc", 3), 3);
  CHECK_FAILS(read(fds[0], constant, 3), EFAULT);
  Ok("read and write");
}
