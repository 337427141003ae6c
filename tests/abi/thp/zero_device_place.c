// A private mapping of /dev/zero that holds a whole huge page of it lies where
// that can be mapped as one.
// Covers: guest_mm/calls/unmapped_area.cc
// Options: --kernel 6.18
#include "tests/abi/huge.h"
#include "tests/abi/kernel.h"

static bool IsPlaced(void) { return KernelSince(6, 18); }

// How far the mapping is from where huge pages could be; a few pages above it
// see to it that it is not there by chance.
static size_t Off(int file, size_t length, off_t offset) {
  static int pages = 1;
  MUST(mmap(NULL, pages++ * kPage, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1,
            0));
  char* at = MUST(mmap(NULL, length, kReadWrite, MAP_PRIVATE, file, offset));
  return ((size_t)at - (size_t)offset) % HugeSize();
}

int main(void) {
  if (!IsPlaced()) Skip("no business of this kernel's");
  int zero = MUST(open("/dev/zero", O_RDWR));
  const size_t huge = HugeSize();
  for (int i = 0; i < 3; i++) {
    CHECK_EQ(Off(zero, 4 * huge, i * 3 * kPage), 0);
    CHECK_EQ(Off(zero, 2 * huge - kPage, i * kPage + kPage), 0);
  }
  Ok("one whole huge page is enough");
  int placed = 0;
  for (int i = 0; i < 4; i++) {
    placed += Off(zero, huge + kPage, 3 * kPage) == 0;
  }
  CHECK(placed < 4);
  Ok("with none it lies anywhere");
}
