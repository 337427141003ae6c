// The child's pid and parent are what fork said; times start anew.
// Covers: plugin/linux/task/process.cc plugin/linux/task/process_table.cc
#include "tests/abi/check.h"

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  pid_t parent = getpid(), pid = MUST(fork());
  if (pid == 0) {
    pid_t ids[3] = {getpid(), getppid(), (pid_t)syscall(SYS_gettid)};
    _exit(write(fds[1], ids, sizeof ids) != sizeof ids);
  }
  pid_t ids[3];
  CHECK_EQ(read(fds[0], ids, sizeof ids), sizeof ids);
  CHECK_EQ(ids[0], pid);
  CHECK_EQ(ids[1], parent);
  CHECK_EQ(ids[2], pid);
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  CHECK_EQ(syscall(SYS_gettid), parent);
  Ok("pid, ppid, tid");
}
