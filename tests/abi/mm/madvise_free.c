// MADV_FREE: a page written afterwards is kept; it is for private anonymous
// memory only.
#include "tests/abi/memory.h"

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
}
