// COPY and ZEROPAGE where a huge page is mapped: EEXIST, and it stays whole.
// Registered memory gets no huge page by a fault.

#include "tests/abi/huge.h"
#include "tests/abi/uffd_threads.h"

int main(void) {
  const size_t huge = HugeSize();
  char* area = HugeArea(1);
  area[0] = 'h';
  if (HugeKb(area) != (long)(huge >> 10)) Skip("no huge page to be had");
  int u = Uffd(0);
  Arm(u, area, huge, kMissing);
  CHECK_REFUSED(Copy(u, area, Letter('x'), kPage, 0), EEXIST);
  CHECK_REFUSED(Copy(u, area + 5 * kPage, Letter('x'), kPage, 0), EEXIST);
  CHECK_REFUSED(ZeroPage(u, area + 5 * kPage, kPage, 0), EEXIST);
  CHECK_EQ(HugeKb(area), huge >> 10);
  CHECK_EQ(area[0], 'h');
  Ok("EEXIST");

  MUST(madvise(area, huge, MADV_DONTNEED));
  struct Toucher t;
  StartStore(&t, area + 7 * kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + 7 * kPage, kStoreFlags);
  CHECK_DONE(Copy(u, area + 7 * kPage, Letter('s'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(HugeKb(area), 0);
  CHECK_EQ(ResidentKb(area), 4);
  Ok("missing, it is asked for page by page");
  return 0;
}
