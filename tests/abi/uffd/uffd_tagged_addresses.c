// userfaultfd takes no tagged addresses, even from a program that may hand the
// kernel such ones: the ranges it is asked about are places of memory, as
// mmap's are (arm64; on x86-64 there is nothing of the kind to ask for).
// Covers: plugin/linux/uffd/uffd_ioctl.cc
#include <sys/prctl.h>

#include "tests/abi/uffd.h"

static char* Tagged(const void* p) {
  return (char*)((uintptr_t)p | (uintptr_t)0x5a << 56);
}

int main(void) {
#ifdef __aarch64__
  MUST(prctl(55 /* PR_SET_TAGGED_ADDR_CTRL */, 1, 0, 0, 0));
#endif
  int u = Uffd(0);
  char* area = Island(4, kReadWrite);
  CHECK_INVALID(Register(u, Tagged(area), 4 * kPage, kMissing), EINVAL);
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_INVALID(Copy(u, Tagged(area), Letter('a'), kPage, 0), EINVAL);
  CHECK_INVALID(ZeroPage(u, Tagged(area), kPage, 0), EINVAL);
  CHECK_EQ(Wake(u, Tagged(area), kPage), EINVAL);
  CHECK_EQ(Unregister(u, Tagged(area), kPage), EINVAL);
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(area[1], 'a');
  Ok("a tagged address is none of the space");

  struct Outcome copied = Copy(u, area + kPage, Tagged(Letter('b')), kPage, 0);
  printf("%d %ld\n", copied.error, (long)copied.done);
  CHECK_INVALID(copied, EINVAL);
  Ok("nor is that of the source");
  return 0;
}
