// process_mrelease() takes the memory of a process that is being killed, and
// of no other.

#include "../swap.h"

#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif

enum { kPages = 1024 };

static long Release(int pidfd, unsigned flags) {
  return syscall(SYS_process_mrelease, pidfd, flags);
}

int main(void) {
  int ready[2];
  MUST(pipe(ready));
  CHECK_FAILS(Release(-1, 0), EBADF);
  CHECK_FAILS(Release(ready[0], 0), EBADF);
  CHECK_FAILS(Release(-1, 1), EINVAL);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    char* area = Anonymous(kPages, kReadWrite);
    for (int i = 0; i < kPages; i++) area[i * kPage] = 'c';
    CHECK_EQ(write(ready[1], "r", 1), 1);
    for (;;) pause();
  }
  char byte;
  CHECK_EQ(read(ready[0], &byte, 1), 1);
  int pidfd = MUST((int)syscall(SYS_pidfd_open, pid, 0));
  CHECK_FAILS(Release(pidfd, 0), EINVAL);
  Ok("a living process keeps its memory");

  MUST(kill(pid, SIGKILL));
  // It may be quicker than we are.
  errno = 0;
  long r = Release(pidfd, 0);
  CHECK(r == 0 || errno == ESRCH);
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, SIGKILL);
  CHECK_FAILS(Release(pidfd, 0), ESRCH);
  Ok("a dying one gives it up");
  return 0;
}
