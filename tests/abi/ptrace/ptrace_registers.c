// A tracer reads and writes the registers of a thread that stands.
// Covers: plugin/linux/ptrace/ptrace_x86.cc plugin/linux/ptrace/ptrace_arm64.cc
// Covers: plugin/linux/ptrace/regset.cc

#include "tests/abi/ptrace.h"

#ifndef NT_ARM_TLS
#define NT_ARM_TLS 0x401
#endif

// Loads registers with values to be seen, traps, and hands them on: 0 if they
// are what the tracer is to have made of them.
__attribute__((noinline)) static int Body(void) {
  double fp = 1.5, sum;
#ifdef __x86_64__
  unsigned long rbx = 0x1111, r15 = 0x2222;
  __asm__ volatile("movsd %2, %%xmm5\n\tint3\n\tmovsd %%xmm5, %3\n\t"
                   : "+b"(rbx), "+&r"(r15)
                   : "m"(fp), "m"(sum)
                   : "xmm5", "memory");
  return rbx == 0x3333 && r15 == 0x2222 && sum == 2.5 ? 0 : 1;
#else
  register unsigned long x19 __asm__("x19") = 0x1111;
  __asm__ volatile("ldr d5, [%1]\n\tbrk #0\n\tstr d5, [%2]\n\t"
                   : "+r"(x19)
                   : "r"(&fp), "r"(&sum)
                   : "v5", "memory");
  return x19 == 0x3333 && sum == 2.5 ? 0 : 1;
#endif
}

static void Run(void) { _exit(Body()); }

static void Pause(void) {
  for (;;) pause();
}

static void General(void) {
  pid_t pid = Traced(Run);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGTRAP));
  Registers r = GetRegisters(pid);
  CHECK_EQ(CallNumber(pid), -1);
  const double expected = 1.5, next = 2.5;
#ifdef __x86_64__
  CHECK_EQ(r.rbx, 0x1111);
  CHECK_EQ(r.cs, 0x33);
  CHECK_EQ(r.ss, 0x2b);
  CHECK(r.eflags & 0x200);
  CHECK(r.fs_base != 0);
  struct user_regs_struct all;
  REQUEST(PTRACE_GETREGS, pid, 0, &all);
  CHECK(memcmp(&all, &r, sizeof all) == 0);
  for (size_t i = 0; i < sizeof all; i += 8) {
    errno = 0;
    unsigned long word = ptrace(PTRACE_PEEKUSER, pid, i, 0);
    CHECK_EQ(errno, 0);
    CHECK(memcmp(&word, (char*)&all + i, 8) == 0);
  }
  CHECK_FAILS(ptrace(PTRACE_PEEKUSER, pid, 4l, 0), EIO);
  CHECK_FAILS(ptrace(PTRACE_PEEKUSER, pid, 928l, 0), EIO);
  CHECK_FAILS(ptrace(PTRACE_POKEUSER, pid, 1l, 0), EIO);
  errno = 0;
  CHECK_EQ(
      ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, u_debugreg[7]), 0), 0);
  CHECK_EQ(errno, 0);
  CHECK_FAILS(
      ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.fs_base), -1l),
      EIO);
  CHECK_FAILS(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.cs), 0),
              EIO);
  // Flags: only those of user mode change.
  REQUEST(PTRACE_POKEUSER, pid, offsetof(struct user, regs.eflags), 0x3001l);
  CHECK_EQ(GetRegisters(pid).eflags & 0x3201, 0x201);
  struct user_fpregs_struct fp;
  REQUEST(PTRACE_GETFPREGS, pid, 0, &fp);
  CHECK(memcmp((char*)fp.xmm_space + 5 * 16, &expected, 8) == 0);
  memcpy((char*)fp.xmm_space + 5 * 16, &next, 8);
  REQUEST(PTRACE_SETFPREGS, pid, 0, &fp);
  struct user_fpregs_struct again;
  struct iovec fpvec = {&again, sizeof again};
  REQUEST(PTRACE_GETREGSET, pid, NT_PRFPREG, &fpvec);
  CHECK_EQ(fpvec.iov_len, sizeof again);
  CHECK(memcmp(again.xmm_space, fp.xmm_space, sizeof fp.xmm_space) == 0);
  r.rbx = 0x3333;
  REQUEST(PTRACE_SETREGS, pid, 0, &r);
  CHECK_FAILS(ptrace(PTRACE_GETREGS, pid, 0, 8l), EFAULT);
  CHECK_FAILS(ptrace(PTRACE_SETREGS, pid, 0, 8l), EFAULT);
#else
  CHECK_EQ(r.regs[19], 0x1111);
  CHECK_EQ(r.pstate & 0x3cf, 0);
  struct user_fpsimd_struct fp;
  struct iovec fpvec = {&fp, sizeof fp};
  REQUEST(PTRACE_GETREGSET, pid, NT_PRFPREG, &fpvec);
  CHECK_EQ(fpvec.iov_len, sizeof fp);
  CHECK(memcmp(&fp.vregs[5], &expected, 8) == 0);
  memcpy(&fp.vregs[5], &next, 8);
  REQUEST(PTRACE_SETREGSET, pid, NT_PRFPREG, &fpvec);
  unsigned long tls[2] = {0, 7};
  struct iovec tlsvec = {tls, sizeof tls};
  REQUEST(PTRACE_GETREGSET, pid, NT_ARM_TLS, &tlsvec);
  CHECK(tls[0] != 0);
  CHECK_EQ(tls[1], 0);
  CHECK_FAILS(ptrace(PTRACE_PEEKUSER, pid, 0, 0), EIO);
  CHECK_FAILS(ptrace(12, pid, 0, &fp), EIO);  // PTRACE_GETREGS elsewhere
  r.regs[19] = 0x3333;
  Registers bad = r;
  bad.pstate |= 5;  // EL1
  struct iovec badvec = {&bad, sizeof bad};
  CHECK_FAILS(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &badvec), EINVAL);
  r.pc += 4;  // behind the brk
  SetRegisters(pid, r);
#endif
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(0));
  Ok("general and floating-point registers");
}

static void Vectors(void) {
  pid_t pid = Traced(Pause);
  Registers r, all = GetRegisters(pid);
  memset(&r, 0xee, sizeof r);
  struct iovec vec = {&r, 16};
  REQUEST(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vec);
  CHECK_EQ(vec.iov_len, 16);
  CHECK(memcmp(&r, &all, 16) == 0);
  CHECK_EQ(((unsigned char*)&r)[16], 0xee);
  char big[4096];
  vec = (struct iovec){big, sizeof big};
  REQUEST(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vec);
  CHECK_EQ(vec.iov_len, sizeof r);
  vec.iov_len = 12;
  CHECK_FAILS(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vec), EINVAL);
  vec.iov_len = 16;
  CHECK_FAILS(ptrace(PTRACE_GETREGSET, pid, 0x7777, &vec), EINVAL);
  CHECK_FAILS(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, 8l), EFAULT);
  vec.iov_base = (void*)8;
  CHECK_FAILS(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vec), EFAULT);
  CHECK_FAILS(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &vec), EFAULT);
  // A part: the rest stays.
  unsigned long first = 0x4444;
  vec = (struct iovec){&first, sizeof first};
  REQUEST(PTRACE_SETREGSET, pid, NT_PRSTATUS, &vec);
  r = GetRegisters(pid);
  CHECK_EQ(*(unsigned long*)&r, 0x4444);
  CHECK(memcmp((char*)&r + 8, (char*)&all + 8, sizeof r - 8) == 0);
  CHECK_FAILS(ptrace(9999, pid, 0, 0), EIO);
  MUST(kill(pid, SIGKILL));
  CHECK_EQ(Next(pid), SIGKILL);
  Ok("parts of a register set");
}

static int called_with;
__attribute__((noinline)) static void Called(int with) {
  called_with = with;
  raise(SIGUSR2);
  _exit(with);
}

// As a debugger calls a function of the program.
static void Elsewhere(void) {
  pid_t pid = Traced(Pause);
  Registers r = GetRegisters(pid);
  PC(r) = (unsigned long)Called;
  SP(r) = (SP(r) - 256) & ~15ul;
#ifdef __x86_64__
  SP(r) -= 8;
  r.orig_rax = -1;
#endif
  ARG0(r) = 33;
  SetRegisters(pid, r);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGUSR2));
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(33));
  Ok("it goes on elsewhere");
}

int main(void) {
  General();
  Vectors();
  Elsewhere();
  return 0;
}
