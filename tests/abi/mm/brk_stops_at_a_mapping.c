// The heap does not grow into another mapping.
#include "tests/abi/memory.h"

static char* Brk(char* to) { return (char*)syscall(SYS_brk, to); }

int main(void) {
  char* end = Brk(NULL);
  char* page = (char*)(((uintptr_t)end + kPage - 1) & -(uintptr_t)kPage);
  char* wall =
      MUST(mmap(page + 8 * kPage, kPage, PROT_NONE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
  CHECK_EQ(Brk(wall + kPage), end);
  CHECK_EQ(Brk(page + 2 * kPage), page + 2 * kPage);
  MUST(munmap(wall, kPage));
  CHECK_EQ(Brk(page + 16 * kPage), page + 16 * kPage);
  Ok("stopped by the wall, and free without it");
}
