// Adjacent anonymous mappings of equal protection are one mapping.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static void MapAt(char* address, int prot) {
  MUST(mmap(address, kPage, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
            0));
}

int main(void) {
  char* area = Island(5, PROT_NONE);
  MUST(munmap(area, 5 * kPage));
  MapAt(area + kPage, kReadWrite);
  MapAt(area + 3 * kPage, kReadWrite);
  CHECK_EQ(CountMaps(area, 5 * kPage), 2);
  MapAt(area + 2 * kPage, kReadWrite);
  CHECK_EQ(CountMaps(area, 5 * kPage), 1);
  Ok("filling the gap makes one of two");

  MapAt(area, PROT_READ);
  CHECK_EQ(CountMaps(area, 5 * kPage), 2);
  Ok("another protection stays apart");
}
