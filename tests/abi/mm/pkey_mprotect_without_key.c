// pkey_mprotect with key -1 is mprotect; a key that was never made is EINVAL.
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(1, kReadWrite);
  MUST(pkey_mprotect(area, kPage, PROT_READ, -1));
  CHECK_FAULT(Write(area), SIGSEGV, SEGV_ACCERR, area);
  MUST(pkey_mprotect(area, kPage, kReadWrite, -1));
  CHECK_NO_FAULT(Write(area));
  Ok("key -1");
  CHECK_FAILS(pkey_mprotect(area, kPage, PROT_READ, 14), EINVAL);
  Ok("an unknown key");
}
