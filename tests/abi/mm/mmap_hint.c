// An address without MAP_FIXED is a wish: taken if free, rounded down to a
// page, and passed over if something is there.
#include "tests/abi/memory.h"

static char* Map(char* hint) {
  return MUST(
      mmap(hint, kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

int main(void) {
  char* hole = Anonymous(3, kReadWrite);
  MUST(munmap(hole + kPage, kPage));
  CHECK_EQ(Map(hole + kPage), hole + kPage);
  Ok("a free hint is taken");

  hole[kPage] = 'x';
  char* elsewhere = Map(hole + kPage);
  CHECK(elsewhere != hole + kPage);
  CHECK_EQ(hole[kPage], 'x');
  Ok("an occupied hint gives another place");

  MUST(munmap(hole + kPage, kPage));
  CHECK_EQ(Map(hole + kPage + 123), hole + kPage);
  Ok("an unaligned hint is rounded down");
}
