// Pages that fallocate() has made for a memory file are not resident for
// mincore(), nor for read(), until something else uses them.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  int fd = MUST(memfd_create("f", 0));
  MUST(fallocate(fd, 0, 0, 4 * kPage));
  char* area = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  CHECK_EQ(Resident(area, 4), 0);
  char byte = 'x';
  CHECK_EQ(pread(fd, &byte, 1, 0), 1);
  CHECK_EQ(byte, 0);
  CHECK_EQ(Resident(area, 4), 0);
  Ok("not resident, and read() leaves it so");

  CHECK_EQ(pwrite(fd, "w", 1, 2 * kPage), 1);
  CHECK_EQ(Resident(area, 4), 1);
  CHECK_EQ(area[kPage], 0);
  CHECK_EQ(Resident(area, 4), 2);
  CHECK_EQ(area[2 * kPage], 'w');
  MUST(fallocate(fd, 0, 0, 4 * kPage));
  CHECK_EQ(Resident(area, 4), 4);
  Ok("resident once used, were it by fallocate()");

  int other = MUST(memfd_create("dirty", 0));
  MUST(fallocate(other, 0, 0, kPage));
  char* page = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, other, 0));
  CHECK_EQ(page[0], 0);
  CHECK_EQ(SmapsField(page, "Private_Dirty:"), kPage / 1024);
  Ok("dirty from the start");
}
