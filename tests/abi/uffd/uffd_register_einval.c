// UFFDIO_REGISTER: what is EINVAL.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  CHECK_INVALID(Register(u, area, kPage, 0), EINVAL);
  CHECK_INVALID(Register(u, area, kPage, 8), EINVAL);
  CHECK_INVALID(Register(u, area, kPage, 1ull << 63 | kMissing), EINVAL);
  Ok("no mode, or an unknown one");

  CHECK_INVALID(Register(u, area + 1, kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area + 512, kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area, kPage + 1, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area, 1, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area, 0, kMissing), EINVAL);
  Ok("addresses and lengths that are no pages");

  CHECK_INVALID(Register(u, NULL, kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area, (size_t)-kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area, 1ull << 63, kMissing), EINVAL);
  CHECK_INVALID(Register(u, (char*)(1ull << 62), kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, (char*)-kPage, kPage, kMissing), EINVAL);
  Ok("ranges that are not the program's");

  CHECK_INVALID(Register(u, area + 2 * kPage, kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area - kPage, kPage, kMissing), EINVAL);
  Ok("ranges where nothing is mapped");

  CHECK_INVALID(Register(u, area, kPage, kMinor), EINVAL);
  CHECK_INVALID(Register(u, area, kPage, kMinor | kMissing), EINVAL);
  Ok("minor faults, which anonymous memory does not have");

  CHECK_EQ(CountMaps(area, 2 * kPage), 1);
  CHECK(!HasVmFlag(area, "um"));
  Ok("nothing has happened");
  return 0;
}
