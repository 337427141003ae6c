// A private file mapping shows the file until the page is written; then the
// page is the process's own and neither sees the other's changes.
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(3);
  char* map = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_PRIVATE, file, 0));
  CHECK_EQ(map[2 * kPage + 7], 'C');
  CHECK_EQ(pwrite(file, "1", 1, 2 * kPage + 7), 1);
  CHECK_EQ(map[2 * kPage + 7], '1');
  Ok("an unwritten page follows the file");

  map[0] = 'x';
  char in_file;
  CHECK_EQ(pread(file, &in_file, 1, 0), 1);
  CHECK_EQ(in_file, 'A');
  CHECK_EQ(pwrite(file, "22", 2, 0), 2);
  CHECK_EQ(map[0], 'x');
  CHECK_EQ(map[1], 'A');
  CHECK_EQ(map[kPage], 'B');
  Ok("a written page is a copy");
}
