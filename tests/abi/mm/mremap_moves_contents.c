// Growing past an obstacle moves the pages themselves: contents, holes never
// touched, and protections of the mapping.
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(65, kReadWrite);
  MUST(mprotect(area + 64 * kPage, kPage, PROT_NONE));
  for (int i = 0; i < 64; i += 3) area[i * kPage] = (char)(i + 1);
  char* moved = MUST(mremap(area, 64 * kPage, 1024 * kPage, MREMAP_MAYMOVE));
  CHECK(moved != area);
  for (int i = 0; i < 64; i++)
    CHECK_EQ(moved[i * kPage], i % 3 == 0 ? i + 1 : 0);
  CHECK_EQ(moved[1023 * kPage], 0);
  CHECK_FAULT(Read(area), SIGSEGV, SEGV_MAPERR, area);
  Ok("bytes moved, the old place is gone");

  int file = LetterFile(2);
  char* map = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, file, 0));
  char* wall = map + kPage;
  mmap(wall, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char* bigger = MUST(mremap(map, kPage, 2 * kPage, MREMAP_MAYMOVE));
  CHECK_EQ(bigger[0], 'A');
  CHECK_EQ(bigger[kPage], 'B');
  Ok("a file mapping shows the next page");
}
