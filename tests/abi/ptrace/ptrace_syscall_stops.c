// PTRACE_SYSCALL stops before and after each system call; the tracer can
// change the call, its arguments and its result.
// Covers: plugin/linux/ptrace/syscall_stop.cc
// Covers: plugin/linux/ptrace/syscall_info.cc

#include <linux/audit.h>

#include "tests/abi/ptrace.h"

struct Info {  // struct ptrace_syscall_info
  uint8_t op, pad[3];
  uint32_t arch;
  uint64_t pc, sp;
  union {
    struct {
      uint64_t number, args[6];
    } entry;
    struct {
      int64_t value;
      uint8_t is_error;
    } exit;
  };
};

enum { kGood = SIGTRAP | 0x80 };

static struct Info InfoOf(pid_t pid, long bytes) {
  struct Info info;
  memset(&info, 0xee, sizeof info);
  CHECK_EQ(REQUEST(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info), bytes);
  return info;
}

static int ToSyscall(pid_t pid, int signo) {
  REQUEST(PTRACE_SYSCALL, pid, 0, (long)signo);
  return Next(pid);
}

static long Gettid(void) { return syscall(SYS_gettid, 1, 2, 3, 4, 5, 6); }

static void Calls(void) {
  const long me = Gettid();
  if (Gettid() != -1 || errno != 5) _exit(1);
  if (syscall(SYS_getppid) != me) _exit(2);
  if (syscall(SYS_getpid) != 1234) _exit(3);
  errno = 0;
  if (syscall(SYS_close, 77) != -1 || errno != EBADF) _exit(4);
  if (syscall(SYS_dup, 78) < 0) _exit(5);
}

static void SetResult(pid_t pid, long value) {
  Registers r = GetRegisters(pid);
  RESULT(r) = (unsigned long)value;
  SetRegisters(pid, r);
}

static void EntryAndExit(pid_t pid) {
  CHECK_EQ(CallNumber(pid), SYS_gettid);
  CHECK_EQ(Message(pid), 1);
  Registers r = GetRegisters(pid);
  siginfo_t si = SigInfo(pid);
  CHECK_EQ(si.si_signo, SIGTRAP);
  CHECK_EQ(si.si_code, kGood);
  CHECK_EQ(si.si_pid, pid);
  struct Info info = InfoOf(pid, 80);
  CHECK_EQ(info.op, 1);
  CHECK_EQ(info.pc, PC(r));
  CHECK_EQ(info.sp, SP(r));
  CHECK_EQ(info.entry.number, SYS_gettid);
  for (int i = 0; i < 6; ++i) CHECK_EQ(info.entry.args[i], i + 1);
#ifdef __x86_64__
  CHECK_EQ(info.arch, AUDIT_ARCH_X86_64);
  CHECK_EQ((long)r.rax, -ENOSYS);
  CHECK_EQ(r.rcx, r.rip);
#else
  CHECK_EQ(info.arch, AUDIT_ARCH_AARCH64);
  CHECK_EQ(r.regs[7], 0);
  CHECK_EQ(r.regs[8], SYS_gettid);
#endif
  struct Info part;
  memset(&part, 0xee, sizeof part);
  CHECK_EQ(REQUEST(PTRACE_GET_SYSCALL_INFO, pid, 9l, &part), 80);
  CHECK_EQ(((unsigned char*)&part)[9], 0xee);
  CHECK_FAILS(ptrace(PTRACE_GET_SYSCALL_INFO, pid, 9l, 8l), EFAULT);
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(CallNumber(pid), SYS_gettid);
  CHECK_EQ(Message(pid), 2);
  info = InfoOf(pid, 33);
  CHECK_EQ(info.op, 2);
  CHECK_EQ(info.exit.value, pid);
  CHECK_EQ(info.exit.is_error, 0);
  r = GetRegisters(pid);
  CHECK_EQ(RESULT(r), pid);
#ifdef __aarch64__
  CHECK_EQ(r.regs[7], 1);
#endif
  Ok("what the two stops show");
}

static void Changes(pid_t pid) {
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  SetResult(pid, -5);
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(CallNumber(pid), SYS_getppid);
  SetCallNumber(pid, SYS_gettid);
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ((long)RESULT(GetRegisters(pid)), pid);
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(CallNumber(pid), SYS_getpid);
  SetCallNumber(pid, -1);
  SetResult(pid, 1234);
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(CallNumber(pid), -1);
  CHECK_EQ((long)RESULT(GetRegisters(pid)), 1234);
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  struct Info info = InfoOf(pid, 33);
  CHECK_EQ(info.exit.value, -EBADF);
  CHECK_EQ(info.exit.is_error, 1);
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  Registers r = GetRegisters(pid);
  CHECK_EQ(ARG0(r), 78);
  ARG0(r) = 1;
  SetRegisters(pid, r);
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK((long)RESULT(GetRegisters(pid)) > 1);
  Ok("number, arguments and result can be changed");
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(CallNumber(pid), SYS_exit_group);
  CHECK_EQ(ToSyscall(pid, 0), Exited(0));
}

static void All(void) {
  pid_t pid = Traced(Calls);
  REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
  // From inside raise() to what is Calls()'s own.
  for (;;) {
    CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
    if (Message(pid) == 2) continue;
    if (CallNumber(pid) == SYS_gettid && InfoOf(pid, 80).entry.args[5] == 6) {
      break;
    }
  }
  EntryAndExit(pid);
  Changes(pid);
}

static void OnSignal(int signo) { (void)signo; }

// Reads from a pipe that has nothing.
static int pipe_ends[2];
static void Reads(void) {
  struct sigaction action = {.sa_handler = OnSignal};
  sigaction(SIGUSR1, &action, NULL);
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR2, &action, NULL);
  char byte;
  if (read(pipe_ends[0], &byte, 1) != 1 || byte != 'a') _exit(1);
  if (read(pipe_ends[0], &byte, 1) != -1 || errno != EINTR) _exit(2);
}

static void ToRead(pid_t pid) {
  do {
    CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  } while (Message(pid) != 1 || CallNumber(pid) != SYS_read);
}

static void Restarts(void) {
  MUST(pipe(pipe_ends));
  pid_t pid = Traced(Reads);
  REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
  ToRead(pid);
  const Registers before = GetRegisters(pid);
  MUST(kill(pid, SIGUSR2));
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(InfoOf(pid, 33).exit.value, -512);  // ERESTARTSYS
  CHECK_EQ(InfoOf(pid, 33).exit.is_error, 1);
  CHECK_EQ(ToSyscall(pid, 0), Stop(SIGUSR2));
  CHECK_EQ(InfoOf(pid, 24).op, 0);
  const Registers at = GetRegisters(pid);
#ifdef __x86_64__
  CHECK_EQ((long)at.rax, -512);
  CHECK_EQ(at.orig_rax, SYS_read);
  CHECK_EQ(at.rip, before.rip);
#else
  CHECK_EQ(at.regs[0], pipe_ends[0]);
  CHECK_EQ(at.pc, before.pc - 4);  // on the call again
  CHECK_EQ(CallNumber(pid), -1);
#endif
  // Delivered, the handler's sigreturn, and the call again.
  CHECK_EQ(ToSyscall(pid, SIGUSR2), Stop(kGood));
  CHECK_EQ(CallNumber(pid), SYS_rt_sigreturn);
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(CallNumber(pid), -1);
  ToRead(pid);
  // Not delivered: again, too.
  MUST(kill(pid, SIGUSR1));
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(ToSyscall(pid, 0), Stop(SIGUSR1));
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(CallNumber(pid), SYS_read);
  MUST(write(pipe_ends[1], "a", 1));
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ((long)RESULT(GetRegisters(pid)), 1);
  ToRead(pid);
  MUST(kill(pid, SIGUSR1));
  CHECK_EQ(ToSyscall(pid, 0), Stop(kGood));
  CHECK_EQ(ToSyscall(pid, 0), Stop(SIGUSR1));
  Go(pid, SIGUSR1);
  CHECK_EQ(Next(pid), Exited(0));
  Ok("interrupted calls are made again, or fail");
}

static void Plain(void) {
  pid_t pid = Traced(Calls);
  CHECK_EQ(ToSyscall(pid, 0), Stop(SIGTRAP));
  CHECK_EQ(SigInfo(pid).si_code, SIGTRAP);
  CHECK_EQ(Message(pid), 1);
  CHECK_EQ(InfoOf(pid, 24).op, 0);  // cannot be told from a signal
  CHECK_EQ(ToSyscall(pid, 0), Stop(SIGTRAP));
  CHECK_EQ(Message(pid), 2);
  // A signal given at such a stop is sent.
  CHECK_EQ(ToSyscall(pid, SIGWINCH), Stop(SIGWINCH));
  CHECK_EQ(SigInfo(pid).si_code, SI_KERNEL);
  REQUEST(PTRACE_SYSEMU, pid, 0, 0);
  CHECK_EQ(Next(pid), Stop(SIGTRAP));
  CHECK_EQ(Message(pid), 1);
  REQUEST(PTRACE_SYSEMU, pid, 0, 0);
  CHECK_EQ(Next(pid), Stop(SIGTRAP));
  CHECK_EQ(Message(pid), 1);  // the call before was not made, nor ended
  MUST(kill(pid, SIGKILL));
  CHECK_EQ(Next(pid), SIGKILL);
  Ok("without TRACESYSGOOD");
}

int main(void) {
  All();
  Restarts();
  Plain();
  return 0;
}
