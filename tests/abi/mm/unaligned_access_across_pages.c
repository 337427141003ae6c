// Eight bytes across a page boundary: all or nothing, and the fault's address
// is the first byte that is not there.
#include "tests/abi/memory.h"

static struct Fault Store(char* where, uint64_t value) {
  struct sigaction action = {.sa_sigaction = OnFault, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, NULL));
  g_fault = (struct Fault){0, 0, NULL};
  if (sigsetjmp(g_fault_return, 1) == 0) {
#if defined(__x86_64__)
    __asm__ volatile("mov %0, (%1)" : : "r"(value), "r"(where) : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("str %0, [%1]" : : "r"(value), "r"(where) : "memory");
#endif
  }
  return g_fault;
}

int main(void) {
  char* area = Island(2, kReadWrite);
  char* edge = area + kPage;
  for (int back = 1; back < 8; back++) {
    CHECK_NO_FAULT(Store(edge - back, 0x1122334455667788));
    uint64_t value;
    memcpy(&value, edge - back, 8);
    CHECK_EQ(value, 0x1122334455667788);
  }
  Ok("both pages there");

  memset(area, 0, 2 * kPage);
  MUST(mprotect(edge, kPage, PROT_READ));
  for (int back = 1; back < 8; back++)
    CHECK_FAULT(Store(edge - back, ~0ull), SIGSEGV, SEGV_ACCERR, edge);
  for (int back = 1; back < 8; back++) CHECK_EQ(edge[-back], 0);
  Ok("second page read-only: nothing stored");

  MUST(mprotect(area, kPage, PROT_READ));
  MUST(mprotect(edge, kPage, kReadWrite));
  CHECK_FAULT(Store(edge - 4, ~0ull), SIGSEGV, SEGV_ACCERR, edge - 4);
  CHECK_EQ(edge[0], 0);
  Ok("first page read-only: nothing stored");
}
