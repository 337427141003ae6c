// RLIMIT_DATA bounds private writable memory: brk, mmap, and mprotect that
// makes memory writable; not what is only readable.
#include <sys/resource.h>

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  rlim_t used = (rlim_t)StatusField("VmData:") * 1024;
  struct rlimit limit = {used + 16 * kPage, RLIM_INFINITY};
  MUST(setrlimit(RLIMIT_DATA, &limit));
  CHECK_FAILS(
      mmap(NULL, 32 * kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      ENOMEM);
  char* end = (char*)syscall(SYS_brk, 0);
  CHECK_EQ(syscall(SYS_brk, end + 32 * kPage), (long)end);
  Ok("private writable memory is bounded");

  char* readable = Anonymous(32, PROT_READ);
  CHECK_FAILS(mprotect(readable, 32 * kPage, kReadWrite), ENOMEM);
  MUST(mprotect(readable, 4 * kPage, kReadWrite));
  MUST(mmap(NULL, 32 * kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  Ok("readable and shared memory is not");
}
