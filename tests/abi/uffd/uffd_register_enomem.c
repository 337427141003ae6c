// REGISTER and UNREGISTER of a part need room for one or two more mappings:
// ENOMEM when there are vm.max_map_count.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(8, kReadWrite);
  char* other = Island(8, kReadWrite);
  Arm(u, other, 8 * kPage, kMissing);
  const int kMany = 70000;
  char* many = MUST(mmap(NULL, (size_t)kMany * kPage, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  int i = 1;
  while (i < kMany && mprotect(many + i * kPage, kPage, PROT_READ) == 0) i += 2;
  if (i >= kMany) Skip("more mappings are allowed than this makes");
  CHECK_EQ(errno, ENOMEM);
  CHECK_INVALID(Register(u, area + 2 * kPage, kPage, kMissing), ENOMEM);
  CHECK_EQ(Unregister(u, other + 2 * kPage, kPage), ENOMEM);
  CHECK_REFUSED(ZeroPage(u, area + 2 * kPage, kPage, 0), ENOENT);
  CHECK_DONE(ZeroPage(u, other + 2 * kPage, kPage, 0), kPage);
  Ok("ENOMEM for a part");

  Arm(u, area, 8 * kPage, kMissing);
  CHECK_EQ(Unregister(u, other, 8 * kPage), 0);
  Ok("whole mappings need no room");
  return 0;
}
