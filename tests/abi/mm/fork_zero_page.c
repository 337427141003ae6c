// A page that was only read is the shared zero page; writing it after a fork
// gives each side its own.
#include "tests/abi/memory.h"

static char* g_area;

static void Child(void) {
  CHECK_EQ(g_area[0], 0);
  g_area[0] = 'c';
  g_area[kPage] = 'c';
  CHECK_EQ(g_area[1], 0);
}

int main(void) {
  g_area = Island(2, kReadWrite);
  CHECK_EQ(g_area[0], 0);
  CHECK_EQ(g_area[kPage], 0);
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(g_area[0], 0);
  g_area[0] = 'p';
  CHECK_EQ(g_area[kPage], 0);
  char* other = Island(1, kReadWrite);
  CHECK_EQ(other[0], 0);
  Ok("nobody's write reaches the zero page");
}
