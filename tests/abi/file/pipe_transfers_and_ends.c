// A pipe carries bytes in order; end of file when no writer is left.
// Covers: plugin/linux/ipc/pipe_calls.cc plugin/linux/ipc/pipe_file.cc
#include "tests/abi/check.h"

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    close(fds[0]);
    for (int i = 0; i < 100000; i += 500) {
      unsigned char chunk[500];
      for (int j = 0; j < 500; j++) chunk[j] = (unsigned char)((i + j) * 7);
      CHECK_EQ(write(fds[1], chunk, sizeof chunk), sizeof chunk);
    }
    _exit(0);
  }
  close(fds[1]);
  unsigned char buffer[777];
  long total = 0, got;
  while ((got = MUST(read(fds[0], buffer, sizeof buffer))) > 0) {
    for (long i = 0; i < got; i++)
      CHECK_EQ(buffer[i], (unsigned char)((total + i) * 7));
    total += got;
  }
  CHECK_EQ(total, 100000);
  CHECK_EQ(read(fds[0], buffer, 1), 0);
  Ok("all bytes in order, then the end");
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
}
