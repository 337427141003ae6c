// The ioctls' structures: unreadable is EFAULT; the answer's field is written
// last and not read before, and one that cannot be written is EFAULT although
// the work is done.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  char* none = Island(1, PROT_NONE);
  CHECK_FAILS(ioctl(u, UFFDIO_REGISTER, none), EFAULT);
  CHECK_FAILS(ioctl(u, UFFDIO_UNREGISTER, none), EFAULT);
  CHECK_FAILS(ioctl(u, UFFDIO_WAKE, none), EFAULT);
  CHECK_FAILS(ioctl(u, UFFDIO_COPY, none), EFAULT);
  CHECK_FAILS(ioctl(u, UFFDIO_ZEROPAGE, none), EFAULT);
  CHECK_FAILS(ioctl(u, UFFDIO_CONTINUE, none), EFAULT);
  CHECK_FAILS(ioctl(u, UFFDIO_WRITEPROTECT, none), EFAULT);
  CHECK_FAILS(ioctl(u, POISON_IOCTL, none), EFAULT);
  CHECK_FAILS(ioctl(u, MOVE_IOCTL, none), EFAULT);
  Ok("unreadable structures");

  // The last eight bytes lie behind the end of the mapping.
  char* edge = Island(1, kReadWrite) + kPage;
  struct uffdio_register r = {{(uintptr_t)area, 2 * kPage}, kMissing, 0};
  char* at = edge - (sizeof r - 8);
  memcpy(at, &r, sizeof r - 8);
  CHECK_FAILS(ioctl(u, UFFDIO_REGISTER, at), EFAULT);
  CHECK(HasVmFlag(area, "um"));
  Ok("REGISTER has registered by then");

  struct uffdio_copy c = {
      .dst = (uintptr_t)area, .src = (uintptr_t)Letter('a'), .len = kPage};
  at = edge - (sizeof c - 8);
  memcpy(at, &c, sizeof c - 8);
  CHECK_FAILS(ioctl(u, UFFDIO_COPY, at), EFAULT);
  CHECK_EQ(area[0], 'a');
  Ok("COPY has copied by then");
  return 0;
}
