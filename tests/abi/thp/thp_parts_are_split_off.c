// A call on a part of a huge page splits its mapping; contents and counts stay.
#include "tests/abi/huge.h"

static void Fill(char* area, long huge) {
  for (long i = 0; i < huge; i += kPage) area[i] = (char)(i / kPage);
}
static void Expect(char* area, long from, long to) {
  for (long i = from; i < to; i += kPage) {
    CHECK_EQ(area[i], (char)(i / kPage));
  }
}

int main(void) {
  const long huge = HugeSize();
  const long kb = huge / 1024;
  char* area = HugeArea(1);
  Fill(area, huge);
  CHECK_EQ(HugeKb(area), kb);
  MUST(mprotect(area, huge, PROT_READ));
  CHECK_EQ(HugeKb(area), kb);
  CHECK_EQ(Access(area, true).signal, SIGSEGV);
  MUST(mprotect(area, huge, kReadWrite));
  area[0] = 0;
  CHECK_EQ(HugeKb(area), kb);
  Ok("mprotect of all of it does not split");

  MUST(mprotect(area + 4 * kPage, kPage, PROT_READ));
  CHECK_EQ(HugeKb(area), 0);
  CHECK_EQ(ResidentKb(area), 4 * kPage / 1024);
  CHECK_EQ(ResidentKb(area + 5 * kPage), (huge - 5 * kPage) / 1024);
  CHECK_EQ(Access(area + 4 * kPage, true).signal, SIGSEGV);
  area[5 * kPage] = 5;
  Expect(area, 0, huge);
  Ok("mprotect of a page");

  area = HugeArea(1);
  Fill(area, huge);
  MUST(munmap(area + huge - kPage, kPage));
  CHECK_EQ(HugeKb(area), 0);
  CHECK_EQ(ResidentKb(area), (huge - kPage) / 1024);
  Expect(area, 0, huge - kPage);
  Ok("munmap of a page");

  area = HugeArea(2);
  Fill(area, 2 * huge);
  MUST(madvise(area + kPage, kPage, MADV_DONTNEED));
  CHECK_EQ(HugeKb(area), kb);
  CHECK_EQ(ResidentKb(area), 2 * kb - kPage / 1024);
  CHECK_EQ(area[kPage], 0);
  Expect(area, 2 * kPage, 2 * huge);
  MUST(madvise(area + huge, huge, MADV_DONTNEED));
  CHECK_EQ(HugeKb(area), 0);
  CHECK_EQ(area[huge], 0);
  Ok("MADV_DONTNEED of a page, and of a huge one");

  area = HugeArea(1);
  Fill(area, huge);
  MUST(madvise(area, kPage, MADV_DONTFORK));
  CHECK_EQ(HugeKb(area), 0);
  CHECK_EQ(ResidentKb(area), kPage / 1024);
  Expect(area, 0, huge);
  Ok("a border between mappings");
}
