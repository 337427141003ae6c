// A SIGSEGV of an overflowing stack is handled on the alternate stack.
// Covers: plugin/linux/abi_x86.cc plugin/linux/abi_arm64.cc
#include <sys/resource.h>

#include "tests/abi/memory.h"

static char g_altstack[65536];
static volatile bool g_on_altstack;

static void OnOverflow(int signal, siginfo_t* info, void* context) {
  char here;
  g_on_altstack = &here >= g_altstack && &here < g_altstack + sizeof g_altstack;
  OnFault(signal, info, context);
}

#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static int Recurse(volatile char* outer) {
  volatile char frame[1024];
  frame[0] = (char)(outer[0] + 1);
  return Recurse(frame) + frame[0];
}

int main(void) {
  struct rlimit limit = {1 << 20, RLIM_INFINITY};
  MUST(setrlimit(RLIMIT_STACK, &limit));
  stack_t stack = {.ss_sp = g_altstack, .ss_size = sizeof g_altstack};
  MUST(sigaltstack(&stack, NULL));
  struct sigaction action = {.sa_sigaction = OnOverflow,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK};
  MUST(sigaction(SIGSEGV, &action, NULL));
  for (int i = 0; i < 3; i++) {
    g_fault.signal = 0;
    if (sigsetjmp(g_fault_return, 1) == 0) {
      volatile char zero = 0;
      Recurse(&zero);
    }
    CHECK_EQ(g_fault.signal, SIGSEGV);
    CHECK(g_on_altstack);
  }
  Ok("three times over");
}
