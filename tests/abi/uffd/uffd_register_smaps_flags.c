// smaps names the modes of a registration: um (missing), uw (write-protect), ui
// (minor).

#include "tests/abi/uffd.h"

static void Flags(const char* area, bool um, bool uw, bool ui) {
  CHECK_EQ(HasVmFlag(area, "um"), um);
  CHECK_EQ(HasVmFlag(area, "uw"), uw);
  CHECK_EQ(HasVmFlag(area, "ui"), ui);
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  int fd = LetterFile(1);
  char* area = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, fd, 0));
  Flags(area, false, false, false);
  for (uint64_t mode = 1; mode < 8; mode++) {
    Arm(u, area, kPage, mode);
    Flags(area, mode & kMissing, mode & kWp, mode & kMinor);
  }
  Ok("each registration replaces the mode before it");

  CHECK_EQ(Unregister(u, area, kPage), 0);
  Flags(area, false, false, false);
  Ok("UNREGISTER takes them away");
  return 0;
}
