// thp_split REGIONS ROUNDS SPLIT: each round maps REGIONS regions of 2 MiB by
// huge pages, gives up one small page of each of the first SPLIT, which splits
// its mapping, and unmaps all. Two runs that differ in SPLIT tell what that
// costs.
#include "bench.h"

int main(int argc, char** argv) {
  (void)argc;
  size_t regions = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  size_t split = Count(argv, 3);
  for (size_t round = 0; round < rounds; round++) {
    char* p = MapHuge(regions);
    for (size_t i = 0; i < regions; i++) {
      Write(p + i * kHuge);
    }
    for (size_t i = 0; i < split; i++) {
      madvise(p + i * kHuge + kHuge / 2, kPage, MADV_DONTNEED);
    }
    munmap(p, regions * kHuge);
  }
  return 0;
}
