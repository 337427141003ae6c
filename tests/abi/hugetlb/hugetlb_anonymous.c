// mmap(MAP_HUGETLB): whole aligned huge pages, mapped by one touch, counted
// apart from what is resident; they can only be unmapped whole.
// Covers: guest_mm/hugetlb/hugetlb_fault.cc guest_mm/hugetlb/anon_file.cc

#include "tests/abi/hugetlb.h"

static void Body(void) {
  const size_t huge = Huge();
  const long before = StatusField("VmRSS:");
  // A byte more than one page is two.
  char* p = (char*)MUST(mmap(NULL, huge + 1, kReadWrite, kHugeFlags, -1, 0));
  CHECK_EQ((uintptr_t)p % huge, 0);
  struct MapsLine line;
  CHECK(FindMap(p, &line));
  CHECK_EQ(line.end - line.start, 2 * huge);
  CHECK(strstr(line.name, "/anon_hugepage (deleted)") != NULL);
  CHECK_EQ(SmapsField(p, "KernelPageSize:"), huge >> 10);
  CHECK_POOL(4, 2);
  Ok("mapped and reserved");

  CHECK_EQ(p[huge / 2], 0);  // a read brings a page of zeros
  p[3] = 'x';
  CHECK_EQ(p[3], 'x');
  CHECK_POOL(3, 1);
  CHECK_EQ(StatusField("HugetlbPages:"), huge >> 10);
  CHECK_EQ(SmapsField(p, "Private_Hugetlb:"), huge >> 10);
  CHECK_EQ(SmapsField(p, "Rss:"), 0);
  CHECK_EQ(SmapsField(p, "Size:"), 2 * huge >> 10);
  CHECK(StatusField("VmRSS:") - before < (long)(huge >> 10));
  unsigned char resident[2];
  MUST(mincore(p, kPage, resident));
  MUST(mincore(p + huge, kPage, resident + 1));
  CHECK_EQ(resident[0], 1);
  CHECK_EQ(resident[1], 0);
  Ok("one page touched");

  CHECK_FAILS(munmap(p, kPage), EINVAL);
  CHECK_FAILS(munmap(p + kPage, huge), EINVAL);
  MUST(munmap(p + huge, huge));
  CHECK_POOL(3, 0);
  MUST(munmap(p, huge));
  CHECK_POOL(4, 0);
  CHECK_EQ(StatusField("HugetlbPages:"), 0);
  Ok("unmapped whole");

  // A hint is rounded up; a fixed address must fit.
  char* hint =
      (char*)MUST(mmap(p + kPage, huge, kReadWrite, kHugeFlags, -1, 0));
  CHECK_EQ((uintptr_t)hint % huge, 0);
  CHECK_FAILS(
      mmap(hint + kPage, huge, kReadWrite, kHugeFlags | MAP_FIXED, -1, 0),
      EINVAL);
  CHECK_FAILS(mmap(NULL, 0, kReadWrite, kHugeFlags, -1, 0), EINVAL);
  CHECK_FAILS(mmap(NULL, huge, kReadWrite, kHugeFlags | 63 << 26, -1, 0),
              EINVAL);
  CHECK_FAILS(mmap(NULL, huge, kReadWrite, MAP_PRIVATE | MAP_HUGETLB, 0, 0),
              EINVAL);
  Ok("refused");

  // MAP_POPULATE brings all pages at once.
  char* q = MapHuge(2, kHugeFlags | MAP_POPULATE);
  CHECK_POOL(2, 1);
  CHECK_EQ(q[huge], 0);
  Ok("populated");
}

int main(void) { return WithPool(4, Body); }
