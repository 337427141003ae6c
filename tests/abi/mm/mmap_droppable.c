// MAP_DROPPABLE (6.11): private memory that may be lost rather than written
// to swap; neither promised nor locked nor inherited.
// Covers: guest_mm/calls/mmap.cc
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

enum { kDroppable = 8 };

static char* g_area;
static void InChild(void) { CHECK_EQ(*g_area, 0); }

static void* Map(int flags, int fd) {
  return mmap(NULL, 2 * kPage, kReadWrite, flags, fd, 0);
}

int main(void) {
  char* area = g_area = MUST(Map(kDroppable | MAP_ANONYMOUS, -1));
  *area = 'x';
  CHECK_EQ(RunChild(InChild), 0);
  CHECK_EQ(*area, 'x');
  Ok("private, and empty in a child");
  MUST(mlock(area, kPage));
  CHECK_EQ(SmapsField(area, "Locked:"), 0);
  MUST(munlock(area, kPage));
  MUST(mlockall(MCL_FUTURE));
  char* late = MUST(Map(kDroppable | MAP_ANONYMOUS, -1));
  MUST(munlockall());
  *late = 'x';
  CHECK_EQ(SmapsField(late, "Locked:"), 0);
  MUST(madvise(late, kPage, MADV_FREE));  // not of what is locked
  Ok("mlock passes over it, and mlockall");
  char* lost = MUST(Map(kDroppable | MAP_ANONYMOUS, -1));
  memset(lost, 'x', 2 * kPage);
  MUST(madvise(lost, kPage, MADV_PAGEOUT));
  CHECK_EQ(*lost, 0);
  CHECK_EQ(lost[kPage], 'x');
  Ok("what was written goes with the page, and not to swap");
  CHECK_FAILS(madvise(area, kPage, MADV_KEEPONFORK), EINVAL);
  CHECK_FAILS(madvise(area, kPage, MADV_DODUMP), EINVAL);
  Ok("it stays as it is");
  CHECK_FAILS(Map(kDroppable | MAP_ANONYMOUS | MAP_LOCKED, -1), EINVAL);
  CHECK_FAILS(Map(kDroppable | MAP_ANONYMOUS | MAP_GROWSDOWN, -1), EINVAL);
  CHECK_FAILS(Map(kDroppable | MAP_PRIVATE | MAP_ANONYMOUS, -1), EINVAL);
  CHECK_FAILS(Map(kDroppable | MAP_SHARED | MAP_ANONYMOUS, -1), EINVAL);
  CHECK_FAILS(Map(kDroppable, LetterFile(2)), EINVAL);
  Ok("what it does not go with");
}
