// One mapping of the wrong kind in the range refuses all of it.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(3, kReadWrite);
  int exe = MUST(open("/proc/self/exe", O_RDONLY));
  MUST(mmap(area + 2 * kPage, kPage, PROT_READ, MAP_PRIVATE | MAP_FIXED, exe,
            0));
  CHECK_INVALID(Register(u, area, 3 * kPage, kMissing), EINVAL);
  CHECK(!HasVmFlag(area, "um"));
  Ok("a file's mapping is EINVAL for those before it");

  // Shared memory has minor faults, anonymous memory has not.
  MUST(mmap(area + 2 * kPage, kPage, kReadWrite,
            MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  CHECK_INVALID(Register(u, area, 3 * kPage, kMinor), EINVAL);
  CHECK(!HasVmFlag(area + 2 * kPage, "ui"));
  Arm(u, area + 2 * kPage, kPage, kMinor);
  Arm(u, area, 3 * kPage, kMissing);
  CHECK(HasVmFlag(area, "um"));
  CHECK(HasVmFlag(area + 2 * kPage, "um"));
  Ok("anonymous and shared memory go together where both can");
  return 0;
}
