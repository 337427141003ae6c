// UNREGISTER through a descriptor that the memory is not registered with: up to
// 6.15 it unregisters, since then it is EINVAL.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0), other = Uffd(0);
  char* area = Island(1, kReadWrite);
  Arm(u, area, kPage, kMissing);
  int error = Unregister(other, area, kPage);
  CHECK(error == 0 || error == EINVAL);
  CHECK_EQ(HasVmFlag(area, "um"), error != 0);
  Ok(error ? "refused" : "done");
  return 0;
}
