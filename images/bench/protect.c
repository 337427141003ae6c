// protect PAGES ROUNDS: with PAGES pages present, each round takes the right to
// write from all of them and gives it back. Two runs that differ in ROUNDS tell
// what the two calls cost.
#include "bench.h"

int main(int argc, char** argv) {
  (void)argc;
  size_t pages = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  char* p = Map(pages);
  for (size_t i = 0; i < pages; i++) {
    Write(p + i * kPage);
  }
  for (size_t round = 0; round < rounds; round++) {
    if (mprotect(p, pages * kPage, PROT_READ) != 0 ||
        mprotect(p, pages * kPage, PROT_READ | PROT_WRITE) != 0) {
      perror("mprotect");
      return 1;
    }
  }
  return 0;
}
