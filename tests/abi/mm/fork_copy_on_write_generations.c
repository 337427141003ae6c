// A chain of forks: every generation has its own page, its parent's bytes.
#include "tests/abi/memory.h"

enum { kGenerations = 6 };

static void Live(char* area, int generation) {
  for (int i = 0; i < kGenerations; i++)
    CHECK_EQ(area[i * kPage], i < generation ? 'x' : 0);
  if (generation == kGenerations) return;
  area[generation * kPage] = 'x';
  pid_t pid = MUST(fork());
  if (pid == 0) {
    Live(area, generation + 1);
    _exit(0);
  }
  area[generation * kPage] = 'y';
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  CHECK_EQ(area[generation * kPage], 'y');
  if (generation + 1 < kGenerations)
    CHECK_EQ(area[(generation + 1) * kPage], 0);
}

int main(void) {
  Live(Island(kGenerations, kReadWrite), 0);
  Ok("six generations");
}
