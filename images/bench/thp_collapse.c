// thp_collapse REGIONS ROUNDS COLLAPSED: each round fills REGIONS regions of
// 2 MiB with small pages, collapses the first COLLAPSED of them and gives all
// up again. Two runs that differ in COLLAPSED tell what a collapse costs.
#include <errno.h>

#include "bench.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

int main(int argc, char** argv) {
  (void)argc;
  size_t regions = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  size_t collapsed = Count(argv, 3);
  char* p = MapHuge(regions);
  for (size_t round = 0; round < rounds; round++) {
    madvise(p, regions * kHuge, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < regions * kHuge; i += kPage) {
      Write(p + i);
    }
    madvise(p, regions * kHuge, MADV_HUGEPAGE);
    // It answers EAGAIN where it met a page that was busy just then.
    int tries = 100;
    while (collapsed > 0 && madvise(p, collapsed * kHuge, MADV_COLLAPSE) != 0) {
      if (errno != EAGAIN || --tries == 0) {
        perror("MADV_COLLAPSE");
        return 1;
      }
    }
    madvise(p, regions * kHuge, MADV_DONTNEED);
  }
  return 0;
}
