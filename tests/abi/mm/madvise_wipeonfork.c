// A MADV_WIPEONFORK range is zero in the child, and in the child's child.
#include "tests/abi/memory.h"

static char* g_area;

static void Grandchild(void) { CHECK_EQ(g_area[0], 0); }

static void Child(void) {
  CHECK_EQ(g_area[0], 0);
  g_area[0] = 'c';
  CHECK_EQ(RunChild(Grandchild), 0);
}

static void Kept(void) { CHECK_EQ(g_area[0], 'p'); }

int main(void) {
  g_area = Island(1, kReadWrite);
  g_area[0] = 'p';
  MUST(madvise(g_area, kPage, MADV_WIPEONFORK));
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(g_area[0], 'p');
  Ok("wiped in child and grandchild");
  MUST(madvise(g_area, kPage, MADV_KEEPONFORK));
  CHECK_EQ(RunChild(Kept), 0);
  Ok("kept after KEEPONFORK");

  char* shared =
      MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  CHECK_FAILS(madvise(shared, kPage, MADV_WIPEONFORK), EINVAL);
  Ok("private anonymous memory only");
}
