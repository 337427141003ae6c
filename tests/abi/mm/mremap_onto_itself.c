// mremap() of a range that ends beyond all addresses overlaps no target, not
// even the one where it begins: that goes, and with it what was to be moved.
// Options: --kernel 6.18
#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static bool LooksAgain(void) { return KernelSince(6, 17); }

int main(void) {
  char* area = Island(4, kReadWrite);
  CHECK_FAILS(mremap(area + kPage, -(size_t)kPage, 2 * kPage,
                     MREMAP_MAYMOVE | MREMAP_FIXED, area + kPage),
              LooksAgain() ? EFAULT : EINVAL);
  CHECK_EQ(CountMaps(area, 4 * kPage), 2);
  CHECK_FAULT(Read(area + kPage), SIGSEGV, SEGV_MAPERR, area + kPage);
  Ok("the target has gone");
}
