// uffd_wp PAGES ROUNDS TOUCHED: each round protects PAGES that are present and
// writes to the first TOUCHED of them, each of which a thread releases when it
// is told. Two runs that differ in TOUCHED tell what a write-protect fault's
// round trip costs.
#include "uffd.h"

int main(int argc, char** argv) {
  (void)argc;
  size_t pages = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  size_t touched = Count(argv, 3);
  char* p = Map(pages);
  for (size_t i = 0; i < pages; i++) {
    Write(p + i * kPage);
  }
  int u = Register(p, pages, UFFDIO_REGISTER_MODE_WP);
  StartHandler(&u);
  for (size_t round = 0; round < rounds; round++) {
    Protect(u, p, pages, UFFDIO_WRITEPROTECT_MODE_WP);
    for (size_t i = 0; i < touched; i++) {
      Write(p + i * kPage);
    }
  }
  return 0;
}
