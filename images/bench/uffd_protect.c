// uffd_protect PAGES ROUNDS: with PAGES pages present, each round protects all
// of them with UFFDIO_WRITEPROTECT and releases them. Two runs that differ in
// ROUNDS tell what the two calls cost.
#include "uffd.h"

int main(int argc, char** argv) {
  (void)argc;
  size_t pages = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  char* p = Map(pages);
  for (size_t i = 0; i < pages; i++) {
    Write(p + i * kPage);
  }
  int u = Register(p, pages, UFFDIO_REGISTER_MODE_WP);
  for (size_t round = 0; round < rounds; round++) {
    Protect(u, p, pages, UFFDIO_WRITEPROTECT_MODE_WP);
    Protect(u, p, pages, 0);
  }
  return 0;
}
