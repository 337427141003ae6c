// UFFDIO_UNREGISTER: what is EINVAL, and what is no error.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(3, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  CHECK_EQ(Unregister(u, area + 1, kPage), EINVAL);
  CHECK_EQ(Unregister(u, area, kPage - 1), EINVAL);
  CHECK_EQ(Unregister(u, area, 0), EINVAL);
  CHECK_EQ(Unregister(u, NULL, kPage), EINVAL);
  CHECK_EQ(Unregister(u, area, 1ull << 63), EINVAL);
  CHECK_EQ(Unregister(u, area + 3 * kPage, kPage), EINVAL);
  Ok("bad ranges and ranges where nothing is mapped");

  CHECK_EQ(Unregister(u, area + 2 * kPage, kPage), 0);
  CHECK_EQ(Unregister(u, area, 3 * kPage), 0);
  CHECK_EQ(Unregister(u, area, 3 * kPage), 0);
  Ok("memory that is not registered is no error");

  int exe = MUST(open("/proc/self/exe", O_RDONLY));
  MUST(mmap(area + 2 * kPage, kPage, PROT_READ, MAP_PRIVATE | MAP_FIXED, exe,
            0));
  Arm(u, area, 2 * kPage, kMissing);
  CHECK_EQ(Unregister(u, area, 3 * kPage), EINVAL);
  CHECK(HasVmFlag(area, "um"));
  Ok("memory that could not be registered is, for the whole range");
  return 0;
}
