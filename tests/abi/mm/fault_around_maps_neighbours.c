// A read fault maps the cached pages of a file around it, though the page it
// asked for be beyond the file's end.
#include "tests/abi/memory.h"

static bool Present(const char* page) {
  uint64_t entry = 0;
  int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
  off_t at = (off_t)((uintptr_t)page / kPage * sizeof entry);
  CHECK_EQ(pread(fd, &entry, sizeof entry, at), sizeof entry);
  close(fd);
  return entry >> 63;
}

int main(void) {
  // 64 KiB around the fault, where the addresses are so aligned.
  char* area = Anonymous(32, PROT_NONE);
  area = (char*)(((uintptr_t)area + 0xffff) & ~(uintptr_t)0xffff);
  int fd = LetterFile(2);
  MUST(mmap(area, 4 * kPage, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0));
  CHECK(!Present(area));
  CHECK_FAULT(Read(area + 3 * kPage), SIGBUS, BUS_ADRERR, area + 3 * kPage);
  CHECK(Present(area));
  CHECK(Present(area + kPage));
  CHECK(!Present(area + 3 * kPage));
  Ok("neighbours are mapped");
}
