// The rest of a file's last page reads as zero; what a mapping writes there
// never becomes part of the file.
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(1);
  MUST(ftruncate(file, 100));
  char* map = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, file, 0));
  CHECK_EQ(map[99], 'A');
  for (int i = 100; i < kPage; i++) CHECK_EQ(map[i], 0);
  Ok("zero after the end");

  map[200] = 'x';
  struct stat st;
  MUST(fstat(file, &st));
  CHECK_EQ(st.st_size, 100);
  char buffer[300];
  CHECK_EQ(pread(file, buffer, sizeof buffer, 0), 100);
  Ok("the file keeps its size");
}
