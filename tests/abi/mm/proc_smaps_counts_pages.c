// smaps: Rss counts what was touched, Pss shares it out, and private dirty
// becomes shared across a fork.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static char* g_area;

static void Child(void) {
  CHECK_EQ(SmapsField(g_area, "Rss:"), 16);
  CHECK_EQ(SmapsField(g_area, "Pss:"), 8);
  CHECK_EQ(SmapsField(g_area, "Shared_Dirty:"), 16);
  CHECK_EQ(SmapsField(g_area, "Private_Dirty:"), 0);
  g_area[0] = 'c';
  CHECK_EQ(SmapsField(g_area, "Private_Dirty:"), 4);
  CHECK_EQ(SmapsField(g_area, "Pss:"), 10);
}

int main(void) {
  g_area = Island(8, kReadWrite);
  MUST(madvise(g_area, 8 * kPage, MADV_NOHUGEPAGE));
  CHECK_EQ(SmapsField(g_area, "Size:"), 32);
  CHECK_EQ(SmapsField(g_area, "Rss:"), 0);
  for (int i = 0; i < 4; i++) g_area[i * kPage] = 'x';
  CHECK_EQ(SmapsField(g_area, "Rss:"), 16);
  CHECK_EQ(SmapsField(g_area, "Pss:"), 16);
  CHECK_EQ(SmapsField(g_area, "Private_Dirty:"), 16);
  CHECK_EQ(SmapsField(g_area, "Anonymous:"), 16);
  Ok("four touched pages");

  CHECK_EQ(RunChild(Child), 0);
  Ok("shared out across a fork");
  CHECK_EQ(SmapsField(g_area, "Pss:"), 16);
  MUST(madvise(g_area, kPage, MADV_DONTNEED));
  CHECK_EQ(SmapsField(g_area, "Rss:"), 12);
  Ok("back to one owner, and one dropped");
}
