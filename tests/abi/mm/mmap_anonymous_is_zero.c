// Anonymous memory reads as zero, keeps what is written, and a second mapping
// of the same place starts from zero again.
#include "tests/abi/memory.h"

int main(void) {
  char* area = Anonymous(64, kReadWrite);
  for (int i = 0; i < 64 * kPage; i += 64) CHECK_EQ(area[i], 0);
  Ok("reads as zero");

  for (int i = 0; i < 64; i++) area[i * kPage + i] = (char)(i + 1);
  for (int i = 0; i < 64; i++) {
    CHECK_EQ(area[i * kPage + i], i + 1);
    CHECK_EQ(area[i * kPage + i + 1], 0);
  }
  Ok("keeps what was written");

  MUST(munmap(area, 64 * kPage));
  char* again = MUST(mmap(area, 64 * kPage, kReadWrite,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  CHECK_EQ(again, area);
  for (int i = 0; i < 64; i++) CHECK_EQ(area[i * kPage + i], 0);
  Ok("a new mapping of the same place is zero again");
}
