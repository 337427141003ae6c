// COPY fills memory that the program itself may not write to, or not touch.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* constant = Island(1, PROT_READ);
  Arm(u, constant, kPage, kMissing);
  CHECK_DONE(Copy(u, constant, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(constant[0], 'a');
  CHECK_FAULT(Write(constant), SIGSEGV, SEGV_ACCERR, constant);
  MUST(mprotect(constant, kPage, kReadWrite));
  constant[0] = 'b';
  CHECK_EQ(constant[1], 'a');
  Ok("a read-only page stays read-only");

  char* none = Island(1, PROT_NONE);
  Arm(u, none, kPage, kMissing);
  CHECK_FAULT(Read(none), SIGSEGV, SEGV_ACCERR, none);
  CHECK(!HasMessage(u));
  CHECK_DONE(Copy(u, none, Letter('c'), kPage, 0), kPage);
  CHECK_FAULT(Read(none), SIGSEGV, SEGV_ACCERR, none);
  MUST(mprotect(none, kPage, PROT_READ));
  CHECK_EQ(none[0], 'c');
  Ok("rights are looked at before pages are");
  return 0;
}
