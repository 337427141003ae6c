// The stack grows up to RLIMIT_STACK and not past it.
#include <sys/resource.h>

#include "tests/abi/memory.h"

static void Child(void) {
  struct rlimit limit = {1 << 20, 1 << 20};
  MUST(setrlimit(RLIMIT_STACK, &limit));
  static char altstack[65536];
  stack_t stack = {.ss_sp = altstack, .ss_size = sizeof altstack};
  MUST(sigaltstack(&stack, NULL));
  struct sigaction action = {.sa_sigaction = OnFault,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK};
  MUST(sigaction(SIGSEGV, &action, NULL));
  char here;
  char* volatile below = &here;
  if (sigsetjmp(g_fault_return, 1) == 0) {
    for (;; below -= kPage) *(volatile char*)below = 1;
  }
  long depth = &here - below;
  CHECK_EQ(g_fault.code, SEGV_MAPERR);
  CHECK(depth > (1 << 20) - 64 * kPage);
  CHECK(depth <= 1 << 20);
}

int main(void) {
  CHECK_EQ(RunChild(Child), 0);
  Ok("1 MiB, then SIGSEGV");
}
