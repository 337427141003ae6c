// A growing mapping stops 256 pages short of the mapping below it.
#include "tests/abi/memory.h"

int main(void) {
  enum { kGap = 256, kRoom = 320 };
  char* area = Island(kRoom + 2, kReadWrite);
  char* top = area + (kRoom + 1) * kPage;
  MUST(munmap(area + kPage, kRoom * kPage));  // area: one page; top: one page
  MUST(munmap(top, kPage));
  MUST(mmap(top, kPage, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0));
  char* lowest = area + kPage + kGap * kPage;
  CHECK_NO_FAULT(Write(lowest));
  Ok("grows to the gap");
  CHECK_FAULT(Write(lowest - 1), SIGSEGV, SEGV_MAPERR, lowest - 1);
  Ok("not into it");
  MUST(mprotect(area, kPage, PROT_NONE));
  CHECK_NO_FAULT(Write(lowest - 1));
  Ok("an inaccessible neighbour needs no gap");
}
