// Touched pages are resident, others are not.
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(8, kReadWrite);
  MUST(madvise(area, 8 * kPage, MADV_NOHUGEPAGE));
  CHECK_EQ(Resident(area, 8), 0);
  area[2 * kPage] = area[5 * kPage] = 'x';
  unsigned char vector[8];
  MUST(mincore(area, 8 * kPage, vector));
  for (int i = 0; i < 8; i++) CHECK_EQ(vector[i] & 1, i == 2 || i == 5);
  Ok("anonymous pages");

  MUST(madvise(area + 2 * kPage, kPage, MADV_DONTNEED));
  CHECK_EQ(Resident(area, 8), 1);
  Ok("dropped pages are not resident");

  char* map =
      MUST(mmap(NULL, 2 * kPage, PROT_READ, MAP_SHARED, LetterFile(2), 0));
  CHECK_EQ(Resident(map, 2), 2);
  Ok("file pages in the cache are, mapped or not");

  MUST(munmap(area + 6 * kPage, kPage));
  memset(vector, 0x55, sizeof vector);
  CHECK_FAILS(mincore(area, 8 * kPage, vector), ENOMEM);
  for (int i = 0; i < 6; i++) CHECK_EQ(vector[i] & 1, i == 5);
  CHECK_EQ(vector[6], 0x55);
  CHECK_EQ(vector[7], 0x55);
  CHECK_FAILS(mincore(area, 8 * kPage, (unsigned char*)1), EFAULT);
  CHECK_FAILS(mincore(area + 6 * kPage, kPage, vector), ENOMEM);
  CHECK_EQ(vector[0] & 1, 0);
  Ok("what lies below a hole is told");
}
