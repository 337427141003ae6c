// A breakpoint: SIGTRAP. x86-64 reports SI_KERNEL with the program counter
// behind it, arm64 TRAP_BRKPT with the program counter and si_addr on it.
#include "tests/abi/check.h"
#include "tests/abi/signal/machine.h"

extern char breakpoint_here[];
static volatile siginfo_t g_info;
static volatile uintptr_t g_pc;

static void OnTrap(int signal, siginfo_t* info, void* context) {
  (void)signal;
  g_info = *info;
  g_pc = ContextPc(context);
#if defined(__aarch64__)
  SetContextPc(context, g_pc + kBreakpointBytes);
#endif
}

int main(void) {
  struct sigaction action = {.sa_sigaction = OnTrap, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGTRAP, &action, NULL));
  __asm__ volatile(
      ".globl breakpoint_here; breakpoint_here: " BREAKPOINT_INSTRUCTION);
  CHECK_EQ(g_info.si_signo, SIGTRAP);
#if defined(__x86_64__)
  CHECK_EQ(g_info.si_code, SI_KERNEL);
  CHECK_EQ(g_pc, (uintptr_t)breakpoint_here + kBreakpointBytes);
#else
  CHECK_EQ(g_info.si_code, TRAP_BRKPT);
  CHECK_EQ(g_info.si_addr, breakpoint_here);
  CHECK_EQ(g_pc, (uintptr_t)breakpoint_here);
#endif
  Ok("reported, and went on");
}
