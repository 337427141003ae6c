// EXACT_ADDRESS: messages hold the byte's address, not its page's.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_EXACT_ADDRESS | UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(1, kReadWrite);
  Arm(u, area, kPage, kMissing | kWp);
  struct Toucher t;
  StartLoad(&t, area + 1234);
  CHECK_PAGEFAULT(NextMessage(u), area + 1234, kLoadFlags);
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, UFFDIO_COPY_MODE_WP), kPage);
  CHECK_EQ(Seen(&t), 'a');
  StartStore(&t, area + 4095);
  CHECK_PAGEFAULT(NextMessage(u), area + 4095, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("of missing and of protected pages");

  // Where nothing is near.
  char* stack = MUST(
      mmap((void*)0x500000000000, kPage, kReadWrite,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE,
           -1, 0));
  Arm(u, stack, kPage, kMissing);
  char* below = stack - 2 * kPage;
  StartStore(&t, below + 99);
  CHECK_PAGEFAULT(NextMessage(u), below + 99, kStoreFlags);
  CHECK_DONE(ZeroPage(u, below, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'w');
  Ok("of memory that grows");
  return 0;
}
