// A shared file mapping, a second one, read and write: all the same bytes.
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(2);
  char* one = MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_SHARED, file, 0));
  char* two = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, file, kPage));
  CHECK_EQ(one[kPage], 'B');
  two[0] = 'x';
  CHECK_EQ(one[kPage], 'x');
  Ok("two mappings are one page");

  char byte;
  CHECK_EQ(pread(file, &byte, 1, kPage), 1);
  CHECK_EQ(byte, 'x');
  CHECK_EQ(pwrite(file, "y", 1, 5), 1);
  CHECK_EQ(one[5], 'y');
  Ok("read and write agree with the mapping");

  close(file);
  one[6] = 'z';
  CHECK_EQ(one[6], 'z');
  Ok("lives on after close");
}
