// ptrace does not wait for the handler: words of a missing page are EIO, and
// nobody is told.

#include <sys/ptrace.h>

#include "tests/abi/uffd.h"

int main(void) {
  char* area = Island(2, kReadWrite);
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    int u = Uffd(0);
    Arm(u, area, 2 * kPage, kMissing);
    CHECK_DONE(Copy(u, area + kPage, Letter('p'), kPage, 0), kPage);
    MUST(ptrace(PTRACE_TRACEME, 0, 0, 0));
    raise(SIGSTOP);
    _exit(HasMessage(u));
  }
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK(WIFSTOPPED(status));
  CHECK_FAILS(ptrace(PTRACE_PEEKDATA, pid, area, 0), EIO);
  CHECK_FAILS(ptrace(PTRACE_POKEDATA, pid, area, 0), EIO);
  errno = 0;
  CHECK_EQ(ptrace(PTRACE_PEEKDATA, pid, area + kPage, 0) & 0xff, 'p');
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, 0);
  Ok("what is missing cannot be read or written, what is there can");
  return 0;
}
