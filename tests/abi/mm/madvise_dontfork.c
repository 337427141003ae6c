// A MADV_DONTFORK range is absent in the child; MADV_DOFORK brings it back.
#include "tests/abi/memory.h"

static char* g_area;

static void ExpectHole(void) {
  CHECK_NO_FAULT(Read(g_area));
  CHECK_FAULT(Read(g_area + kPage), SIGSEGV, SEGV_MAPERR, g_area + kPage);
  CHECK_EQ(g_area[2 * kPage], 'x');
}

static void ExpectWhole(void) { CHECK_EQ(g_area[kPage], 'x'); }

int main(void) {
  g_area = Island(3, kReadWrite);
  memset(g_area, 'x', 3 * kPage);
  MUST(madvise(g_area + kPage, kPage, MADV_DONTFORK));
  CHECK_EQ(RunChild(ExpectHole), 0);
  CHECK_EQ(g_area[kPage], 'x');
  Ok("a hole in the child only");
  MUST(madvise(g_area + kPage, kPage, MADV_DOFORK));
  CHECK_EQ(RunChild(ExpectWhole), 0);
  Ok("whole again after DOFORK");
}
