// What a mapping of huge pages needs is promised when it is made, or mmap fails
// with ENOMEM; MAP_NORESERVE promises nothing and gets SIGBUS when the pool is
// empty.
// Covers: guest_mm/hugetlb/reservation.cc guest_mm/hugetlb/hugetlb_zap.cc

#include "tests/abi/hugetlb.h"

static void Body(void) {
  const size_t huge = Huge();
  CHECK_FAILS(mmap(NULL, 5 * huge, kReadWrite, kHugeFlags, -1, 0), ENOMEM);
  char* p = MapHuge(3, kHugeFlags);
  CHECK_POOL(4, 3);
  CHECK_FAILS(mmap(NULL, 2 * huge, kReadWrite, kHugeFlags, -1, 0), ENOMEM);
  Ok("no more than there is");

  char* all = MapHuge(4, kHugeFlags | MAP_NORESERVE);
  CHECK_POOL(4, 3);
  CHECK_NO_FAULT(Write(all));
  CHECK_POOL(3, 3);
  CHECK_FAULT(Write(all + huge + 5), SIGBUS, BUS_ADRERR, all + huge + 5);
  CHECK_FAULT(Read(all + 2 * huge), SIGBUS, BUS_ADRERR, all + 2 * huge);
  for (int i = 0; i < 3; i++) CHECK_NO_FAULT(Write(p + i * huge));
  CHECK_POOL(0, 0);
  Ok("who reserved gets it");

  // What is given up by its owner stays promised to it.
  MUST(madvise(p + huge, huge, MADV_DONTNEED));
  CHECK_POOL(1, 1);
  CHECK_FAULT(Write(all + huge), SIGBUS, BUS_ADRERR, all + huge);
  CHECK_EQ(p[huge], 0);
  CHECK_POOL(0, 0);
  Ok("given up and had again");

  MUST(munmap(all, 4 * huge));
  MUST(munmap(p, 3 * huge));
  CHECK_POOL(4, 0);

  // Shared memory: reserved once, however often it is mapped.
  char* shared = MapHuge(2, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB);
  CHECK_POOL(4, 2);
  shared[0] = 's';
  CHECK_POOL(3, 1);
  MUST(munmap(shared, huge));
  CHECK_POOL(3, 1);  // the file keeps it as long as it is mapped anywhere
  MUST(munmap(shared + huge, huge));
  CHECK_POOL(4, 0);
  Ok("shared memory");

  // In the place of another mapping, whose reservation goes first.
  p = MapHuge(4, kHugeFlags);
  CHECK_EQ(MUST(mmap(p, 4 * huge, kReadWrite, kHugeFlags | MAP_FIXED, -1, 0)),
           p);
  CHECK_POOL(4, 4);
  MUST(munmap(p, 4 * huge));
  CHECK_POOL(4, 0);
  Ok("in place of another");
}

int main(void) { return WithPool(4, Body); }
