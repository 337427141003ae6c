// si_addr is the very byte; si_code tells forbidden (ACCERR) from absent
// (MAPERR), also for the null page and an address no user can have.
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(3, kReadWrite);
  MUST(mprotect(area + kPage, kPage, PROT_READ));
  char* last = area + 2 * kPage - 1;
  CHECK_FAULT(Write(last), SIGSEGV, SEGV_ACCERR, last);
  CHECK_NO_FAULT(Write(last + 1));
  Ok("forbidden is ACCERR at the byte");

  MUST(munmap(area + kPage, kPage));
  CHECK_FAULT(Write(last), SIGSEGV, SEGV_MAPERR, last);
  CHECK_FAULT(Read(last), SIGSEGV, SEGV_MAPERR, last);
  CHECK_FAULT(Read((char*)8), SIGSEGV, SEGV_MAPERR, 8);
  Ok("absent is MAPERR at the byte");

  MUST(mmap(area + kPage, kPage, PROT_READ,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  CHECK_NO_FAULT(Read(last));
  CHECK_FAULT(Write(last), SIGSEGV, SEGV_ACCERR, last);
  Ok("a page read first still refuses the write");
}
