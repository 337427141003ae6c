#ifndef FAULTLINE_TESTS_ABI_PTRACE_H_
#define FAULTLINE_TESTS_ABI_PTRACE_H_

// Tracers for tests: a traced child, its stops, its registers.

#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "tests/abi/check.h"

#define REQUEST(...) MUST(ptrace(__VA_ARGS__))

// A child that is traced by this thread and stands at its own SIGSTOP; then it
// runs `body`, and ends with 0 if that returns.
static inline pid_t Traced(void (*body)(void)) {
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    MUST(ptrace(PTRACE_TRACEME, 0, 0, 0));
    raise(SIGSTOP);
    body();
    fflush(stdout);
    _exit(0);
  }
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(status, SIGSTOP << 8 | 0x7f);
  return pid;
}

// A child that is not traced.
static inline pid_t Forked(void (*body)(void)) {
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    body();
    fflush(stdout);
    _exit(0);
  }
  return pid;
}

// What wait reports of `pid` next, whatever kind of child it is.
static inline int Next(pid_t pid) {
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, __WALL)), pid);
  return status;
}

// The status of a stop with `signo`, and with an event of ptrace's.
static inline int Stop(int signo) { return signo << 8 | 0x7f; }
static inline int Event(int event) { return Stop(SIGTRAP) | event << 16; }
static inline int Exited(int code) { return code << 8; }

static inline void Go(pid_t pid, int signo) {
  REQUEST(PTRACE_CONT, pid, 0, (long)signo);
}

static inline unsigned long Message(pid_t pid) {
  unsigned long message = ~0ul;
  REQUEST(PTRACE_GETEVENTMSG, pid, 0, &message);
  return message;
}

static inline siginfo_t SigInfo(pid_t pid) {
  siginfo_t info;
  memset(&info, 0xee, sizeof info);
  REQUEST(PTRACE_GETSIGINFO, pid, 0, &info);
  return info;
}

#ifdef __x86_64__
typedef struct user_regs_struct Registers;
#define PC(r) ((r).rip)
#define SP(r) ((r).rsp)
#define RESULT(r) ((r).rax)
#define ARG0(r) ((r).rdi)
#else
typedef struct user_regs_struct Registers;
#define PC(r) ((r).pc)
#define SP(r) ((r).sp)
#define RESULT(r) ((r).regs[0])
#define ARG0(r) ((r).regs[0])
#endif

static inline Registers GetRegisters(pid_t pid) {
  Registers r;
  struct iovec vec = {&r, sizeof r};
  REQUEST(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vec);
  CHECK_EQ(vec.iov_len, sizeof r);
  return r;
}

static inline void SetRegisters(pid_t pid, Registers r) {
  struct iovec vec = {&r, sizeof r};
  REQUEST(PTRACE_SETREGSET, pid, NT_PRSTATUS, &vec);
}

#ifndef NT_ARM_SYSTEM_CALL
#define NT_ARM_SYSTEM_CALL 0x404
#endif

// The number of the call that it is in, or -1.
static inline long CallNumber(pid_t pid) {
#ifdef __x86_64__
  return (long)GetRegisters(pid).orig_rax;
#else
  int number;
  struct iovec vec = {&number, sizeof number};
  REQUEST(PTRACE_GETREGSET, pid, NT_ARM_SYSTEM_CALL, &vec);
  return number;
#endif
}

static inline void SetCallNumber(pid_t pid, int number) {
#ifdef __x86_64__
  REQUEST(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax),
          (long)number);
#else
  struct iovec vec = {&number, sizeof number};
  REQUEST(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &vec);
#endif
}

#endif  // FAULTLINE_TESTS_ABI_PTRACE_H_
