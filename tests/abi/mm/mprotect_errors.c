// mprotect stops at the first hole with ENOMEM; what lies before has changed.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(3, kReadWrite);
  CHECK_FAILS(mprotect(area + 1, kPage, PROT_READ), EINVAL);
  CHECK_FAILS(mprotect(area, kPage, 1 << 30), EINVAL);
  MUST(mprotect(area + kPage, 0, PROT_NONE));
  CHECK_NO_FAULT(Write(area + kPage));
  Ok("unaligned, unknown bits, nothing");

  MUST(munmap(area + kPage, kPage));
  CHECK_FAILS(mprotect(area, 3 * kPage, PROT_READ), ENOMEM);
  struct MapsLine line;
  CHECK(FindMap(area, &line));
  CHECK_EQ(strcmp(line.perms, "r--p"), 0);
  CHECK(FindMap(area + 2 * kPage, &line));
  CHECK_EQ(strcmp(line.perms, "rw-p"), 0);
  Ok("a hole: the prefix changed");

  int file = LetterFile(1);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  int reader = MUST(open(path, O_RDONLY));
  char* map = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, reader, 0));
  CHECK_FAILS(mprotect(map, kPage, kReadWrite), EACCES);
  Ok("no writing to a file opened for reading");
}
