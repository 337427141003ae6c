// A read fault maps the cached pages around it as well; truncation takes all
// that lie beyond the new end out of the mapping.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  int fd = LetterFile(4);
  // Of the pages around, those in the same 16: all of these.
  char* spare = Anonymous(32, PROT_NONE);
  char* area = (char*)(((uintptr_t)spare + 15 * kPage) & -(16ul * kPage));
  MUST(mmap(area, 4 * kPage, kReadWrite, MAP_SHARED | MAP_FIXED, fd, 0));
  CHECK_NO_FAULT(Read(area + kPage));
  CHECK_EQ(SmapsField(area, "Rss:"), 16);
  Ok("one read fault maps four cached pages");

  MUST(ftruncate(fd, 2 * kPage));
  CHECK_EQ(SmapsField(area, "Rss:"), 8);
  CHECK_EQ(area[kPage], 'B');
  CHECK_FAULT(Read(area + 3 * kPage), SIGBUS, BUS_ADRERR, area + 3 * kPage);
  Ok("two are left");

  MUST(ftruncate(fd, 4 * kPage));
  CHECK_EQ(area[3 * kPage], 0);
  CHECK_EQ(SmapsField(area, "Rss:"), 12);
  Ok("growing again brings an empty page");
}
