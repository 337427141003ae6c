// UFFDIO_API: the version, the features this kernel has and the ioctls that
// follow; a descriptor does nothing before it, and shakes hands once.

#include "tests/abi/uffd.h"

int main(void) {
  int u = MUST(NewUffd(O_NONBLOCK));
  char* area = Island(1, kReadWrite);
  struct uffd_msg message;
  CHECK_INVALID(Register(u, area, kPage, kMissing), EINVAL);
  CHECK_EQ(Unregister(u, area, kPage), EINVAL);
  CHECK_EQ(Wake(u, area, kPage), EINVAL);
  CHECK_INVALID(Copy(u, area, Letter('a'), kPage, 0), EINVAL);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), EINVAL);
  CHECK_FAILS(read(u, &message, sizeof message), EINVAL);
  struct pollfd p = {u, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 0), 1);
  CHECK_EQ(p.revents, POLLERR);
  Ok("nothing works before the handshake");

  struct uffdio_api api = {.api = UFFD_API};
  MUST(ioctl(u, UFFDIO_API, &api));
  CHECK_EQ(api.api, UFFD_API);
  const uint64_t calls = UFFD_API_IOCTLS;
  CHECK_EQ(api.ioctls, calls);
  CHECK_EQ(api.features & kAllFeatures, kAllFeatures);
  Ok("all features of Linux 6.12 are offered");

  CHECK_EQ(poll(&p, 1, 0), 0);
  CHECK_FAILS(read(u, &message, sizeof message), EAGAIN);
  CHECK_EQ(Arm(u, area, kPage, kMissing) != 0, true);
  Ok("now it works");

  api = (struct uffdio_api){.api = UFFD_API};
  CHECK_FAILS(ioctl(u, UFFDIO_API, &api), EINVAL);
  CHECK_EQ(api.api, 0);
  CHECK_EQ(api.features, 0);
  CHECK_EQ(api.ioctls, 0);
  Ok("a second handshake is refused, and its answer cleared");
  return 0;
}
