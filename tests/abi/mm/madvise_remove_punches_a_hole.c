// MADV_REMOVE frees the pages of the shared object behind the mapping.
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(3);
  char* map = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_SHARED, file, 0));
  MUST(madvise(map + kPage, kPage, MADV_REMOVE));
  CHECK_EQ(map[0], 'A');
  CHECK_EQ(map[kPage], 0);
  CHECK_EQ(map[2 * kPage], 'C');
  char byte;
  CHECK_EQ(pread(file, &byte, 1, kPage), 1);
  CHECK_EQ(byte, 0);
  Ok("the file has a hole");
  char* own = Island(1, kReadWrite);
  CHECK_FAILS(madvise(own, kPage, MADV_REMOVE), EINVAL);
  Ok("anonymous memory has no object");
}
