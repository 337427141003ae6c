// A refused UFFDIO_API clears the structure, and another one may follow.
// Covers: plugin/linux/uffd/uffd_ioctl.cc

#include "tests/abi/uffd.h"

static void Refused(int u, uint64_t version, uint64_t features) {
  struct uffdio_api api = {version, features, 77};
  CHECK_FAILS(ioctl(u, UFFDIO_API, &api), EINVAL);
  CHECK_EQ(api.api, 0);
  CHECK_EQ(api.features, 0);
  CHECK_EQ(api.ioctls, 0);
}

int main(void) {
  int u = MUST(NewUffd(O_NONBLOCK));
  Refused(u, 0, 0);
  Refused(u, UFFD_API + 1, 0);
  Refused(u, UFFD_API | 1ull << 32, 0);
  Ok("versions other than 0xaa");

  Refused(u, UFFD_API, 1ull << 63);
  Refused(u, UFFD_API, 1ull << 40);
  Refused(u, UFFD_API, ~0ull);
  Refused(u, UFFD_API, 1ull << 62 | UFFD_FEATURE_SIGBUS);
  Ok("features that do not exist");

  CHECK_FAILS(ioctl(u, UFFDIO_API, NULL), EFAULT);
  char* constant = Island(1, PROT_READ);
  CHECK_FAILS(ioctl(u, UFFDIO_API, constant), EFAULT);
  Ok("structures that cannot be read or written");

  CHECK_EQ(Handshake(u, 0), 0);
  CHECK_EQ(Handshake(u, 0), EINVAL);
  Ok("none of this was a handshake; this one is");
  return 0;
}
