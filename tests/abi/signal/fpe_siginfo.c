// x86-64's integer division by zero is SIGFPE with FPE_INTDIV at the
// instruction; arm64's gives zero.
// Covers: plugin/linux/abi_x86.cc plugin/linux/abi_arm64.cc
#include "tests/abi/check.h"
#include "tests/abi/signal/machine.h"

#if defined(__x86_64__)
extern char division_here[];
static volatile siginfo_t g_info;

static void StepOver(int signal, siginfo_t* info, void* context) {
  (void)signal;
  g_info = *info;
  SetContextPc(context, ContextPc(context) + 2);
}

static void Divide(void) {
  struct sigaction action = {.sa_sigaction = StepOver, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGFPE, &action, NULL));
  for (int i = 0; i < 3; i++) {
    g_info.si_code = 0;
    __asm__ volatile(
        "jmp 1f\n"
        ".globl division_here; division_here: div %%ecx\n"
        "jmp 2f\n"
        "1: jmp division_here\n"
        "2:"
        :
        : "a"(1), "c"(0), "d"(0)
        : "memory");
    CHECK_EQ(g_info.si_signo, SIGFPE);
    CHECK_EQ(g_info.si_code, FPE_INTDIV);
    CHECK_EQ(g_info.si_addr, division_here);
  }
}
#elif defined(__aarch64__)
static void Divide(void) {
  long quotient = 7;
  __asm__ volatile("sdiv %0, %0, %1" : "+r"(quotient) : "r"(0l));
  CHECK_EQ(quotient, 0);
}
#endif

int main(void) {
  Divide();
  Ok("division by zero");
}
