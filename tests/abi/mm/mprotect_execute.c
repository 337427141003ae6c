// Code runs only from PROT_EXEC memory, and fetching elsewhere faults with
// the program counter as the address.
#include "tests/abi/code.h"
#include "tests/abi/memory.h"

static struct Fault Call(Function function) {
  struct sigaction action = {.sa_sigaction = OnFault, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, NULL));
  g_fault = (struct Fault){0, 0, NULL};
  if (sigsetjmp(g_fault_return, 1) == 0) CHECK_EQ(function(), 42);
  return g_fault;
}

int main(void) {
  char* page = Island(1, kReadWrite);
  WriteReturnConstant(page, 42);
  CHECK_FAULT(Call((Function)page), SIGSEGV, SEGV_ACCERR, page);
  Ok("data does not execute");

  MUST(mprotect(page, kPage, PROT_READ | PROT_EXEC));
  CHECK_NO_FAULT(Call((Function)page));
  CHECK_FAULT(Write(page), SIGSEGV, SEGV_ACCERR, page);
  Ok("executes once allowed, and is not writable");

  MUST(mprotect(page, kPage, PROT_READ));
  CHECK_FAULT(Call((Function)page), SIGSEGV, SEGV_ACCERR, page);
  Ok("no more once taken back");

  MUST(munmap(page, kPage));
  CHECK_FAULT(Call((Function)page), SIGSEGV, SEGV_MAPERR, page);
  Ok("absent code is MAPERR");
}
