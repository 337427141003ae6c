// thp_fault REGIONS ROUNDS TOUCHED: each round writes to the first TOUCHED of
// REGIONS regions of 2 MiB and gives all up again. Two runs that differ in
// TOUCHED tell what it costs to be given a huge page.
#include "bench.h"

int main(int argc, char** argv) {
  (void)argc;
  size_t regions = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  size_t touched = Count(argv, 3);
  char* p = MapHuge(regions);
  for (size_t round = 0; round < rounds; round++) {
    for (size_t i = 0; i < touched; i++) {
      Write(p + i * kHuge);
    }
    madvise(p, regions * kHuge, MADV_DONTNEED);
  }
  return 0;
}
