// A read of untouched memory maps one huge page of zeros that is nobody's.
#include "tests/abi/huge.h"
#include "tests/abi/kernel.h"

int main(void) {
  const long huge = HugeSize();
  char* area = HugeArea(2);
  CHECK_EQ(*(volatile char*)(area + 3 * kPage), 0);
  CHECK_EQ(ResidentKb(area), 0);
  CHECK_EQ(HugeKb(area), 0);
  unsigned char in_core[2];
  MUST(mincore(area + 9 * kPage, 2 * kPage, in_core));
  CHECK_EQ(in_core[0] & 1, 1);
  CHECK_EQ(in_core[1] & 1, 1);
  Ok("a read");

  // 6.12 splits the zeros and copies a page, 6.13 makes a huge page.
  area[3 * kPage] = 'x';
  CHECK_EQ(ResidentKb(area), (KernelSince(6, 13) ? (long)huge : kPage) / 1024);
  CHECK_EQ(area[3 * kPage], 'x');
  CHECK_EQ(area[4 * kPage], 0);
  CHECK_EQ(area[huge], 0);
  Ok("a store after it");
}
