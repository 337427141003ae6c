// PTRACE_SINGLESTEP: one instruction, a whole system call, or into a handler.
// Covers: plugin/linux/ptrace/resume.cc plugin/engine/step.cc

#include "tests/abi/ptrace.h"

// Some instructions with known lengths, between two labels.
extern char steps_begin[], steps_call[], steps_end[];
__attribute__((noinline)) static long Steps(void) {
  long value;
#ifdef __x86_64__
  __asm__ volatile(
      "int3\n\t"
      ".global steps_begin, steps_call, steps_end\n"
      "steps_begin:\n\t"
      "xor %%eax, %%eax\n\t"
      "inc %%rax\n\t"
      "push %%rax\n\t"
      "pop %%rcx\n\t"
      "mov $39, %%eax\n"
      "steps_call:\n\t"
      "syscall\n"
      "steps_end:\n\t"
      "nop\n\t"
      : "=a"(value)
      :
      : "rcx", "r11", "memory");
#else
  register long x0 __asm__("x0");
  register long x8 __asm__("x8");
  __asm__ volatile(
      "brk #0\n\t"
      ".global steps_begin, steps_call, steps_end\n"
      "steps_begin:\n\t"
      "mov x0, #0\n\t"
      "add x0, x0, #1\n\t"
      "mrs x1, midr_el1\n\t"
      "str x0, [sp, #-16]!\n\t"
      "ldr x1, [sp], #16\n\t"
      "mov x8, #172\n"
      "steps_call:\n\t"
      "svc #0\n"
      "steps_end:\n\t"
      "nop\n\t"
      : "=r"(x0), "=r"(x8)
      :
      : "x1", "memory");
  value = x0;
#endif
  return value;
}

static volatile int handled;
static void OnSignal(int signo) { handled = signo; }

static void Body(void) {
  signal(SIGUSR1, OnSignal);
  if (Steps() != getpid()) _exit(1);
  raise(SIGUSR1);
  if (handled != SIGUSR1) _exit(2);
  for (volatile int i = 0; i < 10; ++i) {
  }
}

static int Step(pid_t pid, int signo) {
  REQUEST(PTRACE_SINGLESTEP, pid, 0, (long)signo);
  return Next(pid);
}

static unsigned long At(pid_t pid) { return PC(GetRegisters(pid)); }

int main(void) {
  pid_t pid = Traced(Body);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGTRAP));
#ifdef __aarch64__
  Registers r = GetRegisters(pid);
  PC(r) += 4;
  SetRegisters(pid, r);
#endif
  CHECK_EQ(At(pid), (unsigned long)steps_begin);
  int steps = 0;
  while (At(pid) != (unsigned long)steps_call) {
    CHECK_EQ(Step(pid, 0), Stop(SIGTRAP));
    siginfo_t info = SigInfo(pid);
    CHECK_EQ(info.si_code, TRAP_TRACE);
    CHECK_EQ((unsigned long)info.si_addr, At(pid));
#ifdef __x86_64__
    CHECK_EQ(GetRegisters(pid).eflags & 0x100, 0);
    if (steps == 1) CHECK_EQ(GetRegisters(pid).rax, 1);
#else
    if (steps == 1) CHECK_EQ(GetRegisters(pid).regs[0], 1);
#endif
    ++steps;
  }
#ifdef __x86_64__
  CHECK_EQ(steps, 5);
#else
  CHECK_EQ(steps, 6);
#endif
  Ok("instruction by instruction");
  CHECK_EQ(Step(pid, 0), Stop(SIGTRAP));
  CHECK_EQ(At(pid), (unsigned long)steps_end);
#ifdef __x86_64__
  CHECK_EQ(SigInfo(pid).si_code, TRAP_BRKPT);
  CHECK_EQ((unsigned long)SigInfo(pid).si_addr, At(pid));
#else
  // Once more, where it is: the exception of the call itself.
  CHECK_EQ(SigInfo(pid).si_code, SI_USER);
  CHECK_EQ(Step(pid, 0), Stop(SIGTRAP));
  CHECK_EQ(SigInfo(pid).si_code, TRAP_TRACE);
  CHECK_EQ(At(pid), (unsigned long)steps_end);
#endif
  CHECK_EQ(Step(pid, 0), Stop(SIGTRAP));
  CHECK_EQ(SigInfo(pid).si_code, TRAP_TRACE);
  CHECK(At(pid) > (unsigned long)steps_end);
  Ok("a system call is one step");
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGUSR1));
  CHECK_EQ(Step(pid, SIGUSR1), Stop(SIGTRAP));
  CHECK_EQ(At(pid), (unsigned long)OnSignal);
  CHECK_EQ(SigInfo(pid).si_code, SIGTRAP);
  Ok("into a handler");
  for (int i = 0; i < 20; ++i) CHECK_EQ(Step(pid, 0), Stop(SIGTRAP));
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(0));
  Ok("and on");
  return 0;
}
