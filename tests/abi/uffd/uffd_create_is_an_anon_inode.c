// What the descriptor is: an anonymous inode without contents, position or
// mappings, and with ioctls of its own only.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char link[64], target[64] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", u);
  MUST(readlink(link, target, sizeof target - 1));
  CHECK_EQ(strcmp(target, "anon_inode:[userfaultfd]"), 0);
  Ok("its name");

  char c = 0;
  CHECK_EQ(write(u, &c, 1), -1);
  CHECK(errno == EINVAL || errno == EBADF);
  CHECK_EQ(mmap(NULL, kPage, PROT_READ, MAP_SHARED, u, 0), MAP_FAILED);
  CHECK_EQ(errno, ENODEV);
  CHECK_FAILS(ftruncate(u, 0), EINVAL);
  Ok("it has nothing to write to or to map");

  CHECK_FAILS(ioctl(u, _IO(UFFDIO, 0x20)), EINVAL);
  CHECK_FAILS(ioctl(u, _IOWR(UFFDIO, _UFFDIO_API, struct uffd_msg), &c),
              EINVAL);
  CHECK_FAILS(ioctl(u, 0x5401, &c), EINVAL);
  CHECK_FAILS(ioctl(u, USERFAULTFD_IOC_NEW, 0), EINVAL);
  Ok("other ioctls are EINVAL");
  return 0;
}
