// MREMAP_FIXED puts the mapping over whatever is at the target.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* from = Island(2, kReadWrite);
  char* to = Island(4, PROT_READ);
  from[0] = 'a';
  from[kPage] = 'b';
  char* moved = MUST(mremap(from, 2 * kPage, 2 * kPage,
                            MREMAP_MAYMOVE | MREMAP_FIXED, to + kPage));
  CHECK_EQ(moved, to + kPage);
  CHECK_EQ(moved[0], 'a');
  CHECK_EQ(moved[kPage], 'b');
  CHECK_NO_FAULT(Write(moved));
  CHECK_EQ(CountMaps(from, 2 * kPage), 0);
  CHECK_EQ(CountMaps(to, 4 * kPage), 3);
  Ok("replaces the target");

  CHECK_FAILS(mremap(moved, kPage, kPage, MREMAP_FIXED, to), EINVAL);
  CHECK_FAILS(mremap(moved, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED,
                     moved + kPage),
              EINVAL);
  CHECK_FAILS(
      mremap(moved, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, to + 1),
      EINVAL);
  Ok("needs MAYMOVE, no overlap, an aligned target");
}
