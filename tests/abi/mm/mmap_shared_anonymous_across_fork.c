// Parent and child share MAP_SHARED|MAP_ANONYMOUS memory, pages that nobody
// had touched before the fork included.
#include "tests/abi/memory.h"

int main(void) {
  char* area = MUST(
      mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  area[0] = 'p';
  pid_t child = MUST(fork());
  if (child == 0) {
    CHECK_EQ(area[0], 'p');
    area[0] = 'c';
    area[2 * kPage] = 'C';
    _exit(0);
  }
  int status;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(area[0], 'c');
  Ok("a touched page is shared");
  CHECK_EQ(area[2 * kPage], 'C');
  CHECK_EQ(area[kPage], 0);
  Ok("an untouched page is shared");
}
