// mprotect and write protection by userfaultfd are two things: the first
// decides whether there is a SIGSEGV, and neither undoes the other.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(1, kReadWrite);
  memset(area, 'a', kPage);
  Arm(u, area, kPage, kWp);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  MUST(mprotect(area, kPage, PROT_READ));
  CHECK_FAULT(Write(area), SIGSEGV, SEGV_ACCERR, area);
  CHECK(!HasMessage(u));
  CHECK(IsProtected(area));
  Ok("a mapping that is read-only is a SIGSEGV");

  MUST(mprotect(area, kPage, kReadWrite));
  CHECK(IsProtected(area));
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  MUST(mprotect(area, kPage, PROT_READ));
  MUST(mprotect(area, kPage, kReadWrite));
  CHECK(StillWaits(&t));
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("writable again, it is still protected");

  MUST(mprotect(area, kPage, PROT_READ));
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_FAULT(Write(area), SIGSEGV, SEGV_ACCERR, area);
  Ok("taking protection away makes no mapping writable");
  return 0;
}
