// Each feature can be asked for by itself, and the answer always names all.

#include "tests/abi/uffd.h"

int main(void) {
  for (int bit = 0; bit <= 16; bit++) {
    int u = MUST(NewUffd(O_CLOEXEC));
    struct uffdio_api api = {.api = UFFD_API, .features = 1ull << bit};
    if (ioctl(u, UFFDIO_API, &api) != 0) FAIL("feature %d", bit);
    CHECK_EQ(api.features & kAllFeatures, kAllFeatures);
    CHECK_EQ(api.ioctls, UFFD_API_IOCTLS);
    MUST(close(u));
  }
  Ok("one by one");

  int u = MUST(NewUffd(O_CLOEXEC));
  CHECK_EQ(Handshake(u, kAllFeatures), 0);
  Ok("all together");
  return 0;
}
