// MADV_FREE: a page written afterwards is kept; it is for private anonymous
// memory only.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static char* g_inherited;

static void FreeInherited(void) {
  CHECK_EQ(SmapsField(g_inherited, "Shared_Dirty:"), kPage / 1024);
  MUST(madvise(g_inherited, kPage, MADV_FREE));
  CHECK_EQ(SmapsField(g_inherited, "Shared_Clean:"), kPage / 1024);
}

int main(void) {
  char* area = Island(8, kReadWrite);
  memset(area, 'x', 8 * kPage);
  MUST(madvise(area, 8 * kPage, MADV_FREE));
  for (int i = 0; i < 8; i++) area[i * kPage] = 'y';
  for (int i = 0; i < 8; i++) {
    CHECK_EQ(area[i * kPage], 'y');
    char other = area[i * kPage + 1];
    CHECK(other == 'x' || other == 0);
  }
  Ok("a write cancels it");

  char* shared =
      MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  CHECK_FAILS(madvise(shared, kPage, MADV_FREE), EINVAL);
  char* file =
      MUST(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, LetterFile(1), 0));
  CHECK_FAILS(madvise(file, kPage, MADV_FREE), EINVAL);
  Ok("anonymous private memory only");

  // What a fork has made two processes' is clean for the one that asked.
  char* both = Island(1, kReadWrite);
  both[0] = 'x';
  g_inherited = both;
  CHECK_EQ(RunChild(FreeInherited), 0);
  CHECK_EQ(both[0], 'x');
  Ok("inherited memory, too");
}
