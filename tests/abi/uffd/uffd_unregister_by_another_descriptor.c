// UNREGISTER through a descriptor that the memory is not registered with: 6.12
// unregisters, 6.18 refuses with EINVAL.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0), other = Uffd(0);
  char* area = Island(1, kReadWrite);
  Arm(u, area, kPage, kMissing);
  int error = Unregister(other, area, kPage);
  CHECK_EQ(error, KernelSince(6, 17) ? EINVAL : 0);
  CHECK_EQ(HasVmFlag(area, "um"), error != 0);
  Ok(error ? "refused" : "done");
  return 0;
}
