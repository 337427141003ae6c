// fault_zero PAGES ROUNDS TOUCHED: each round maps PAGES, writes to the first
// TOUCHED of them and unmaps all. Two runs that differ in TOUCHED tell what a
// demand-zero fault costs.
#include "bench.h"

int main(int argc, char** argv) {
  (void)argc;
  size_t pages = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  size_t touched = Count(argv, 3);
  for (size_t round = 0; round < rounds; round++) {
    char* p = Map(pages);
    for (size_t i = 0; i < touched; i++) {
      Write(p + i * kPage);
    }
    munmap(p, pages * kPage);
  }
  return 0;
}
