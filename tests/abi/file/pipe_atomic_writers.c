// Lines of up to PIPE_BUF bytes from several writers never mix.
// Covers: plugin/linux/ipc/pipe_file.cc
#include "tests/abi/check.h"

enum { kWriters = 4, kLines = 40, kLine = 1000 };

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  for (int w = 0; w < kWriters; w++) {
    if (MUST(fork()) == 0) {
      char line[kLine];
      memset(line, 'a' + w, sizeof line);
      for (int i = 0; i < kLines; i++)
        CHECK_EQ(write(fds[1], line, sizeof line), sizeof line);
      _exit(0);
    }
  }
  close(fds[1]);
  FILE* in = fdopen(fds[0], "r");
  char line[kLine];
  int lines = 0;
  while (fread(line, sizeof line, 1, in) == 1) {
    for (int i = 1; i < kLine; i++) CHECK_EQ(line[i], line[0]);
    lines++;
  }
  CHECK_EQ(lines, kWriters * kLines);
  for (int w = 0; w < kWriters; w++) {
    int status;
    MUST(wait(&status));
    CHECK_EQ(status, 0);
  }
  Ok("every line whole");
}
