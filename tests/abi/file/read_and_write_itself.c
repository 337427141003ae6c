// read() of a file into a shared mapping of the file itself, or write() from
// it: where the target lies within the source, the first bytes repeat. Covers:
// plugin/linux/user_memory.cc
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(1);
  char* map = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, file, 0));
  for (int i = 0; i < 512; i++) map[i] = (char)i;
  CHECK_EQ(pread(file, map + 512, kPage - 512, 0), kPage - 512);
  for (int i = 0; i < kPage; i++) CHECK_EQ(map[i], (char)(i % 512));
  Ok("upwards");
  for (int i = 0; i < kPage; i++) map[i] = (char)(i / 16);
  CHECK_EQ(pread(file, map, kPage - 512, 512), kPage - 512);
  for (int i = 0; i < kPage - 512; i++) CHECK_EQ(map[i], (char)(i / 16 + 32));
  Ok("downwards");
  for (int i = 0; i < 512; i++) map[i] = (char)i;
  CHECK_EQ(pwrite(file, map, kPage - 512, 512), kPage - 512);
  for (int i = 0; i < kPage; i++) CHECK_EQ(map[i], (char)(i % 512));
  Ok("written from it");
}
