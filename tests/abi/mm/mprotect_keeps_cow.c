// Forbidding and allowing writes again must not undo copy-on-write.
#include "tests/abi/memory.h"

static char* g_area;

static void Child(void) {
  MUST(mprotect(g_area, kPage, PROT_READ));
  MUST(mprotect(g_area, kPage, kReadWrite));
  g_area[0] = 'c';
}

int main(void) {
  g_area = Island(1, kReadWrite);
  g_area[0] = 'p';
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(g_area[0], 'p');
  Ok("after fork");

  int file = LetterFile(1);
  char* map = MUST(mmap(NULL, kPage, PROT_READ, MAP_PRIVATE, file, 0));
  CHECK_EQ(map[0], 'A');
  MUST(mprotect(map, kPage, kReadWrite));
  map[0] = 'x';
  char byte;
  CHECK_EQ(pread(file, &byte, 1, 0), 1);
  CHECK_EQ(byte, 'A');
  Ok("of a private file page");
}
