// MADV_POPULATE_READ and _WRITE fault pages in at once, as a read or write
// would, and report what such an access would have met.
// Covers: plugin/linux/memory/advice_calls.cc guest_mm/pgtable/touch.cc
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

int main(void) {
  char* area = Island(16, kReadWrite);
  MUST(madvise(area, 8 * kPage, MADV_POPULATE_WRITE));
  CHECK_EQ(Resident(area, 16), 8);
  MUST(madvise(area, 16 * kPage, MADV_POPULATE_READ));
  CHECK_EQ(Resident(area, 16), 16);
  Ok("resident afterwards");

  MUST(mprotect(area + 8 * kPage, kPage, PROT_READ));
  CHECK_FAILS(madvise(area, 16 * kPage, MADV_POPULATE_WRITE), EINVAL);
  MUST(mprotect(area + 8 * kPage, kPage, PROT_NONE));
  CHECK_FAILS(madvise(area, 16 * kPage, MADV_POPULATE_READ), EINVAL);
  MUST(munmap(area + 8 * kPage, kPage));
  CHECK_FAILS(madvise(area, 16 * kPage, MADV_POPULATE_READ), ENOMEM);
  Ok("EINVAL without the right, ENOMEM at a hole");

  char* map =
      MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_SHARED, LetterFile(1), 0));
  CHECK_FAILS(madvise(map, 2 * kPage, MADV_POPULATE_READ), EFAULT);
  Ok("EFAULT where a signal would be SIGBUS");

  // Shared memory is writable once it is read; what has been reached for
  // writing counts as written to.
  char* shared =
      MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  CHECK_NO_FAULT(Read(shared));
  CHECK_EQ(SmapsField(shared, "Private_Clean:"), kPage / 1024);
  MUST(madvise(shared, kPage, MADV_POPULATE_WRITE));
  CHECK_EQ(SmapsField(shared, "Private_Dirty:"), kPage / 1024);
  Ok("dirty once populated for writing");
}
