// Pages wholly beyond the end of the file exist as a mapping, but touching
// them is SIGBUS with BUS_ADRERR.
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(1);
  MUST(ftruncate(file, kPage + 10));
  char* map = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, file, 0));
  CHECK_NO_FAULT(Read(map + kPage + 9));
  CHECK_NO_FAULT(Write(map + kPage + 4095));
  Ok("the last page is whole");
  CHECK_FAULT(Read(map + 2 * kPage), SIGBUS, BUS_ADRERR, map + 2 * kPage);
  CHECK_FAULT(Write(map + 3 * kPage + 1), SIGBUS, BUS_ADRERR,
              map + 3 * kPage + 1);
  Ok("beyond it is SIGBUS");

  char* own = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_PRIVATE, file, 0));
  CHECK_FAULT(Write(own + 2 * kPage), SIGBUS, BUS_ADRERR, own + 2 * kPage);
  Ok("for a private mapping too");

  MUST(ftruncate(file, 3 * kPage));
  CHECK_NO_FAULT(Write(map + 2 * kPage));
  Ok("a longer file makes the page appear");
}
