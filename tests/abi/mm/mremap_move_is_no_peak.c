// While mremap() moves a mapping, both ends exist; VmPeak does not show it.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  enum { kPages = 8192 };
  char* area = Island(kPages + 1, kReadWrite);
  // No room to grow in place.
  MUST(mprotect(area + kPages * kPage, kPage, PROT_NONE));
  const long before = StatusField("VmSize:");
  char* moved =
      MUST(mremap(area, kPages * kPage, (kPages + 2) * kPage, MREMAP_MAYMOVE));
  CHECK(moved != area);
  CHECK_EQ(StatusField("VmSize:") - before, 8);
  CHECK(StatusField("VmPeak:") - before < kPages * 4 / 2);
  Ok("the moment with both is no peak");
}
