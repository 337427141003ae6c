// A private mapping of /dev/zero is anonymous memory and can be registered. But
// it has a file, and every page lies beyond that file's end: what would fill it
// is EFAULT.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int fd = MUST(open("/dev/zero", O_RDWR));
  char* area = (char*)MUST(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, fd, 0));
  int u = Uffd(kFeaturePoison);
  Arm(u, area, kPage, kMissing);
  CHECK_REFUSED(Copy(u, area, Letter('a'), kPage, 0), EFAULT);
  CHECK_REFUSED(ZeroPage(u, area, kPage, 0), EFAULT);
  CHECK_REFUSED(Poison(u, area, kPage, 0), EFAULT);
  struct Toucher t;
  StartLoad(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK_EQ(Unregister(u, area, kPage), 0);
  CHECK_EQ(Seen(&t), 0);
  Ok("its faults are told, and nobody can resolve them");
  return 0;
}
