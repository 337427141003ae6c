// MAP_FIXED takes away what was there, in the middle of a mapping too.
#include "tests/abi/memory.h"

int main(void) {
  char* area = Anonymous(5, kReadWrite);
  memset(area, 'x', 5 * kPage);
  int file = LetterFile(2);
  char* middle = MUST(mmap(area + 2 * kPage, kPage, PROT_READ,
                           MAP_PRIVATE | MAP_FIXED, file, kPage));
  CHECK_EQ(middle, area + 2 * kPage);
  CHECK_EQ(middle[0], 'B');
  CHECK_EQ(middle[-1], 'x');
  CHECK_EQ(middle[kPage], 'x');
  Ok("replaces one page in the middle");

  MUST(mmap(area, 5 * kPage, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  for (int i = 0; i < 5; i++) CHECK_EQ(area[i * kPage], 0);
  Ok("replaces three mappings at once");
}
