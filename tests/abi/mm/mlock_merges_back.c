// mlock() of the middle makes three mappings of one, munlock() one of three:
// wherever the first write was, all three share its anon_vma.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  for (int touched = 0; touched < 4; touched++) {
    char* area = Island(4, kReadWrite);
    CHECK_NO_FAULT(Write(area + touched * kPage));
    MUST(mlock(area + kPage + 5, kPage));
    CHECK_EQ(CountMaps(area, 4 * kPage), 3);
    CHECK_EQ(StatusField("VmLck:"), 8);
    MUST(munlock(area + kPage, 2 * kPage));
    CHECK_EQ(CountMaps(area, 4 * kPage), 1);
    CHECK_EQ(StatusField("VmLck:"), 0);
  }
  Ok("a locked middle merges back");
}
