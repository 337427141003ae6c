// What only a kernel may do: x86-64 raises SIGSEGV with SI_KERNEL and no
// address, arm64 SIGILL at the instruction. A non-canonical address is the
// former on x86-64 and MAPERR on arm64.
#include "tests/abi/memory.h"

int main(void) {
  struct sigaction action = {.sa_sigaction = OnFault, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, NULL));
  MUST(sigaction(SIGILL, &action, NULL));
  for (int i = 0; i < 3; i++) {
    if (sigsetjmp(g_fault_return, 1) == 0) {
#if defined(__x86_64__)
      __asm__ volatile("hlt");
#elif defined(__aarch64__)
      __asm__ volatile("msr vbar_el1, xzr");
#endif
      FAIL("not refused");
    }
#if defined(__x86_64__)
    CHECK_FAULT(g_fault, SIGSEGV, SI_KERNEL, 0);
#elif defined(__aarch64__)
    CHECK_EQ(g_fault.signal, SIGILL);
    CHECK_EQ(g_fault.code, ILL_ILLOPC);
#endif
  }
  Ok("a privileged instruction");
#if defined(__x86_64__)
  CHECK_FAULT(Read((char*)(1ul << 62)), SIGSEGV, SI_KERNEL, 0);
#elif defined(__aarch64__)
  CHECK_FAULT(Read((char*)(1ul << 54)), SIGSEGV, SEGV_MAPERR, 1ul << 54);
#endif
  Ok("an address that cannot be");
}
