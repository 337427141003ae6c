// Memory may be registered if it could be made writable: its present rights do
// not matter, those of its file do.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  char* none = Island(1, PROT_NONE);
  char* constant = Island(1, PROT_READ);
  Arm(u, none, kPage, kMissing);
  Arm(u, constant, kPage, kMissing | kWp);
  Ok("mprotect could allow it");

  int fd = LetterFile(2);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int reading = MUST(open(path, O_RDONLY));
  char* shared = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, reading, 0));
  CHECK_INVALID(Register(u, shared, kPage, kMissing), EPERM);
  CHECK_INVALID(Register(u, shared, kPage, kWp), EPERM);
  CHECK_INVALID(Register(u, shared, kPage, kMinor), EPERM);
  Ok("a shared mapping of a file opened for reading never may");

  char* private = MUST(mmap(NULL, kPage, PROT_READ, MAP_PRIVATE, reading, 0));
  Arm(u, private, kPage, kMissing);
  Ok("a private one may");

  int sealed = MUST(memfd_create("sealed", MFD_ALLOW_SEALING));
  MUST(ftruncate(sealed, kPage));
  MUST(fcntl(sealed, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  char* view = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, sealed, 0));
  CHECK_INVALID(Register(u, view, kPage, kMissing), EPERM);
  Ok("nor a shared one of a file sealed against writing");
  return 0;
}
