// uffd_missing PAGES ROUNDS TOUCHED: each round writes to the first TOUCHED of
// PAGES that a thread brings by UFFDIO_COPY when they are missed, and gives all
// back. Two runs that differ in TOUCHED tell what a missing fault's round trip
// costs.
#include "uffd.h"

int main(int argc, char** argv) {
  (void)argc;
  size_t pages = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  size_t touched = Count(argv, 3);
  char* p = Map(pages);
  int u = Register(p, pages, UFFDIO_REGISTER_MODE_MISSING);
  StartHandler(&u);
  for (size_t round = 0; round < rounds; round++) {
    for (size_t i = 0; i < touched; i++) {
      Write(p + i * kPage);
    }
    Must(madvise(p, pages * kPage, MADV_DONTNEED) == 0, "madvise");
  }
  return 0;
}
