// What mprotect() makes writable of locked private memory has its own pages at
// once; what lies between such pieces is left alone.
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(4);
  char* area = MUST(mmap(NULL, 3 * kPage, PROT_READ, MAP_PRIVATE, file, 0));
  MUST(mlock(area, 3 * kPage));
  char* hole = MUST(mmap(area + kPage, kPage, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  MUST(mprotect(area, 3 * kPage, kReadWrite));
  CHECK_EQ(Resident(hole, 1), 0);
  CHECK_EQ(Resident(area, 3), 2);
  CHECK_EQ(area[0], 'A');
  CHECK_EQ(area[2 * kPage], 'C');
  Ok("the locked ones are filled, the one between them is not");
}
