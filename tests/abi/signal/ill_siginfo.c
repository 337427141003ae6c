// An undefined instruction: SIGILL, ILL_ILLOPN or ILL_ILLOPC, si_addr at the
// instruction; a handler may step over it.
#include "tests/abi/check.h"
#include "tests/abi/signal/machine.h"

extern char undefined_here[];
static volatile siginfo_t g_info;

static void StepOver(int signal, siginfo_t* info, void* context) {
  (void)signal;
  g_info = *info;
  SetContextPc(context, ContextPc(context) + kUndefinedBytes);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = StepOver, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGILL, &action, NULL));
  __asm__ volatile(
      ".globl undefined_here; undefined_here: " UNDEFINED_INSTRUCTION);
  CHECK_EQ(g_info.si_signo, SIGILL);
#if defined(__x86_64__)
  CHECK_EQ(g_info.si_code, ILL_ILLOPN);
#else
  CHECK_EQ(g_info.si_code, ILL_ILLOPC);
#endif
  CHECK_EQ(g_info.si_addr, undefined_here);
  Ok("reported at the instruction, and stepped over");
}
