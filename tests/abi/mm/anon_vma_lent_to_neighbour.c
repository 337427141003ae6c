// A mapping that differs from its neighbour only in its rights takes part in
// the neighbour's anon_vma at its first write, so the two can become one
// mapping later. One that differs in its accounting cannot.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(4, kReadWrite);
  char* upper = area + 2 * kPage;
  CHECK_NO_FAULT(Write(area));
  MUST(mprotect(upper, 2 * kPage, kReadWrite | PROT_EXEC));
  CHECK_NO_FAULT(Write(upper));
  CHECK_EQ(CountMaps(area, 4 * kPage), 2);
  MUST(mprotect(upper, 2 * kPage, kReadWrite));
  CHECK_EQ(CountMaps(area, 4 * kPage), 1);
  Ok("rights given back make one of two");

  // MAP_NORESERVE is for ever; taking part would bring nothing.
  area = Island(4, kReadWrite);
  upper = area + 2 * kPage;
  CHECK_NO_FAULT(Write(area));
  MUST(mmap(upper, 2 * kPage, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0));
  CHECK_NO_FAULT(Write(upper));
  CHECK_EQ(CountMaps(area, 4 * kPage), 2);
  Ok("unreserved memory stays apart");
}
