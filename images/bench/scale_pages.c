// scale_pages PAGES ROUNDS: with PAGES pages present, each round takes 100
// write faults on pages spread over all of them and gives those pages up again.
// Two runs that differ in ROUNDS tell what a fault costs at that size; it
// should not depend on PAGES. The pages present are the shared zero page, so a
// million of them fit any memory.
#include "bench.h"

enum { kFaultsPerRound = 100 };

int main(int argc, char** argv) {
  (void)argc;
  size_t pages = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  size_t step = pages / kFaultsPerRound;
  char* p = Map(pages);
  for (size_t i = 0; i < pages; i++) {
    Read(p + i * kPage);
  }
  for (size_t round = 0; round < rounds; round++) {
    for (size_t i = 0; i < kFaultsPerRound; i++) {
      Write(p + i * step * kPage);
    }
    for (size_t i = 0; i < kFaultsPerRound; i++) {
      madvise(p + i * step * kPage, kPage, MADV_DONTNEED);
    }
  }
  return 0;
}
