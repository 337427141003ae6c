// RLIMIT_AS bounds the address space for mmap, mremap and brk.
#include <sys/resource.h>

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(1, kReadWrite);
  // A file's line is not read through a buffer of malloc's from here on.
  rlim_t used = (rlim_t)StatusField("VmSize:") * 1024;
  struct rlimit limit = {used + 64 * kPage, RLIM_INFINITY};
  MUST(setrlimit(RLIMIT_AS, &limit));
  CHECK_FAILS(
      mmap(NULL, 65 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      ENOMEM);
  char* room = MUST(
      mmap(NULL, 60 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  Ok("mmap up to the limit");
  CHECK_FAILS(mremap(area, kPage, 10 * kPage, MREMAP_MAYMOVE), ENOMEM);
  char* end = (char*)syscall(SYS_brk, 0);
  CHECK_EQ(syscall(SYS_brk, end + 10 * kPage), (long)end);
  Ok("mremap and brk too");
  MUST(munmap(room, 60 * kPage));
  MUST(mremap(area, kPage, 10 * kPage, MREMAP_MAYMOVE));
  Ok("room again after munmap");
}
