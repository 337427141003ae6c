// mremap to an aligned place moves huge pages whole, to another splits them.
#include "tests/abi/huge.h"

int main(void) {
  const long huge = HugeSize();
  char* area = HugeArea(1);
  char* place = HugeArea(3);
  for (long i = 0; i < huge; i += kPage) area[i] = (char)(i / kPage);
  MUST(munmap(place, 3 * huge));
  char* to = (char*)MUST(
      mremap(area, huge, huge, MREMAP_MAYMOVE | MREMAP_FIXED, place));
  CHECK(to == place);
  CHECK_EQ(HugeKb(to), huge / 1024);
  for (long i = 0; i < huge; i += kPage) CHECK_EQ(to[i], (char)(i / kPage));
  Ok("aligned");

  char* odd = place + huge + 3 * kPage;
  to = (char*)MUST(
      mremap(place, huge, huge, MREMAP_MAYMOVE | MREMAP_FIXED, odd));
  CHECK_EQ(HugeKb(to), 0);
  CHECK_EQ(ResidentKb(to), huge / 1024);
  for (long i = 0; i < huge; i += kPage) CHECK_EQ(to[i], (char)(i / kPage));
  Ok("not aligned");
}
