// What mprotect() makes writable of locked private memory has its own pages at
// once; what lies between such pieces is left alone.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

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

  // The first third is filled, and so has its anon_vma, before the second is
  // looked at, which can merge with it or with the third, not with both.
  char* three = Island(3, PROT_NONE);
  CHECK_FAILS(mlock(three, 3 * kPage), ENOMEM);  // locked, but for filling it
  MUST(mprotect(three + 2 * kPage, kPage, kReadWrite));
  MUST(mprotect(three, kPage, PROT_READ));
  MUST(mprotect(three, 3 * kPage, kReadWrite));
  struct MapsLine line;
  CHECK(FindMap(three, &line));
  CHECK_EQ((uintptr_t)line.end, (uintptr_t)three + 2 * kPage);
  Ok("each piece is filled before the next is looked at");
}
