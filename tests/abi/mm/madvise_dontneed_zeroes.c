// MADV_DONTNEED drops pages at once: anonymous memory reads as zero, a private
// file mapping shows the file again, a shared one keeps the file's bytes.
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(4, kReadWrite);
  memset(area, 'x', 4 * kPage);
  MUST(madvise(area + kPage, 2 * kPage, MADV_DONTNEED));
  CHECK_EQ(area[kPage - 1], 'x');
  CHECK_EQ(area[kPage], 0);
  CHECK_EQ(area[3 * kPage - 1], 0);
  CHECK_EQ(area[3 * kPage], 'x');
  Ok("anonymous memory is zero");

  int file = LetterFile(1);
  char* own = MUST(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, file, 0));
  char* shared = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, file, 0));
  own[0] = 'x';
  shared[1] = 'y';
  MUST(madvise(own, kPage, MADV_DONTNEED));
  MUST(madvise(shared, kPage, MADV_DONTNEED));
  CHECK_EQ(own[0], 'A');
  CHECK_EQ(own[1], 'y');
  CHECK_EQ(shared[1], 'y');
  Ok("a file page is the file's");
}
