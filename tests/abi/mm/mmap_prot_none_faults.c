// PROT_NONE memory can be neither read nor written; it exists, so the code is
// SEGV_ACCERR.
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(2, PROT_NONE);
  CHECK_FAULT(Read(area + 5), SIGSEGV, SEGV_ACCERR, area + 5);
  CHECK_FAULT(Write(area + kPage), SIGSEGV, SEGV_ACCERR, area + kPage);
  Ok("ACCERR on both accesses");

  MUST(mprotect(area, kPage, PROT_READ));
  CHECK_NO_FAULT(Read(area));
  CHECK_FAULT(Write(area), SIGSEGV, SEGV_ACCERR, area);
  CHECK_FAULT(Read(area + kPage), SIGSEGV, SEGV_ACCERR, area + kPage);
  Ok("opened one page for reading");
}
