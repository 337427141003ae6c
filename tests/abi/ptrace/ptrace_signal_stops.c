// A traced thread stops at each signal before it is delivered, ignored ones
// too, and its tracer says what becomes of it.
// Covers: plugin/linux/ptrace/stop.cc plugin/linux/ptrace/resume.cc
// Covers: plugin/linux/ptrace/sys_ptrace.cc plugin/linux/ptrace/link.cc

#include "tests/abi/ptrace.h"

static volatile int caught, caught_code, caught_value;
static void OnSignal(int signo, siginfo_t* info, void* context) {
  (void)context;
  caught = signo;
  caught_code = info->si_code;
  caught_value = info->si_value.sival_int;
}

static void Catch(int signo) {
  struct sigaction action = {.sa_flags = SA_SIGINFO};
  action.sa_sigaction = OnSignal;
  MUST(sigaction(signo, &action, NULL));
}

static void Raise(void) {
  Catch(SIGUSR1);
  Catch(SIGUSR2);
  raise(SIGUSR1);
  if (caught != SIGUSR1) _exit(1);
  caught = 0;
  raise(SIGUSR1);
  if (caught != 0) _exit(2);
  raise(SIGUSR1);
  if (caught != SIGUSR2 || caught_code != SI_USER) _exit(3);
  raise(SIGUSR1);
  if (caught != SIGUSR1 || caught_code != SI_QUEUE || caught_value != 77) {
    _exit(4);
  }
  signal(SIGWINCH, SIG_IGN);
  raise(SIGWINCH);
  signal(SIGHUP, SIG_DFL);
  raise(SIGHUP);
}

static void Deliver(void) {
  pid_t pid = Traced(Raise);
  siginfo_t info = SigInfo(pid);
  CHECK_EQ(info.si_signo, SIGSTOP);
  CHECK_EQ(info.si_code, SI_TKILL);
  CHECK_EQ(info.si_pid, pid);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGUSR1));
  CHECK_FAILS(waitpid(pid, NULL, WNOHANG | 0x10), EINVAL);
  CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);  // told once
  Go(pid, SIGUSR1);
  CHECK_EQ(Next(pid), Stop(SIGUSR1));
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGUSR1));
  Go(pid, SIGUSR2);
  CHECK_EQ(Next(pid), Stop(SIGUSR1));
  info = SigInfo(pid);
  info.si_code = SI_QUEUE;
  info.si_value.sival_int = 77;
  REQUEST(PTRACE_SETSIGINFO, pid, 0, &info);
  Go(pid, SIGUSR1);
  CHECK_EQ(Next(pid), Stop(SIGWINCH));
  Go(pid, SIGWINCH);
  CHECK_EQ(Next(pid), Stop(SIGHUP));
  CHECK_FAILS(ptrace(PTRACE_CONT, pid, 0, 65l), EIO);
  CHECK_FAILS(ptrace(PTRACE_CONT, pid, 0, -1l), EIO);
  Go(pid, SIGHUP);
  CHECK_EQ(Next(pid), SIGHUP);
  CHECK_FAILS(ptrace(PTRACE_CONT, pid, 0, 0), ESRCH);
  Ok("a signal is shown, delivered, taken away, exchanged, changed");
}

static void Nothing(void) {}
static void Pause(void) {
  for (;;) pause();
}

static void WaitidTells(void) {
  pid_t pid = Traced(Pause);
  siginfo_t info;
  CHECK_FAILS(waitid(P_PID, (id_t)pid, &info, WNOHANG), EINVAL);
  Go(pid, 0);
  MUST(kill(pid, SIGUSR1));
  // A stop is reported whatever is asked for.
  memset(&info, 0, sizeof info);
  MUST(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
  CHECK_EQ(info.si_signo, SIGCHLD);
  CHECK_EQ(info.si_code, CLD_TRAPPED);
  CHECK_EQ(info.si_status, SIGUSR1);
  CHECK_EQ(info.si_pid, pid);
  MUST(waitid(P_PID, (id_t)pid, &info, WEXITED));
  memset(&info, 0xff, sizeof info);
  MUST(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG));
  CHECK_EQ(info.si_pid, 0);
  MUST(kill(pid, SIGKILL));
  CHECK_EQ(Next(pid), SIGKILL);
  Ok("waitid tells of it as trapped");
}

static volatile int children, child_code, child_status;
static void OnChild(int signo, siginfo_t* info, void* context) {
  (void)signo, (void)context;
  ++children;
  child_code = info->si_code;
  child_status = info->si_status;
}

static void TellsByInterrupting(void) {
  struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART};
  action.sa_sigaction = OnChild;
  MUST(sigaction(SIGCHLD, &action, NULL));
  pid_t pid = Traced(Nothing);
  CHECK_EQ(children, 1);
  CHECK_EQ(child_code, CLD_TRAPPED);
  CHECK_EQ(child_status, SIGSTOP);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(0));
  CHECK_EQ(children, 2);
  CHECK_EQ(child_code, CLD_EXITED);
  action.sa_flags |= SA_NOCLDSTOP;
  MUST(sigaction(SIGCHLD, &action, NULL));
  pid = Traced(Nothing);
  CHECK_EQ(children, 2);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(0));
  CHECK_EQ(children, 3);
  signal(SIGCHLD, SIG_DFL);
  Ok("SIGCHLD tells of stops, unless it is not to");
}

static void Fault(void) { *(volatile char*)16 = 'x'; }

static void Kill(void) {
  pid_t pid = Traced(Fault);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGSEGV));
  siginfo_t info = SigInfo(pid);
  CHECK_EQ(info.si_code, SEGV_MAPERR);
  CHECK_EQ((long)info.si_addr, 16);
  REQUEST(PTRACE_KILL, pid, 0, 0);
  CHECK_EQ(Next(pid), SIGKILL);
  CHECK_FAILS(ptrace(PTRACE_KILL, pid, 0, 0), ESRCH);
  pid = Traced(Pause);
  Go(pid, 0);
  CHECK_FAILS(ptrace(PTRACE_CONT, pid, 0, 0), ESRCH);  // it runs
  MUST(kill(pid, SIGKILL));
  CHECK_EQ(Next(pid), SIGKILL);
  Ok("SIGKILL is shown to nobody");
}

static void Blocked(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  raise(SIGUSR2);
  _exit(9);
}

static void BlockedLater(void) {
  pid_t pid = Traced(Blocked);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGUSR2));
  uint64_t mask = 0;
  REQUEST(PTRACE_GETSIGMASK, pid, 8, &mask);
  CHECK_EQ(mask, 1ull << (SIGUSR1 - 1));
  CHECK_FAILS(ptrace(PTRACE_GETSIGMASK, pid, 4, &mask), EINVAL);
  mask = ~0ull;
  REQUEST(PTRACE_SETSIGMASK, pid, 8, &mask);
  REQUEST(PTRACE_GETSIGMASK, pid, 8, &mask);
  CHECK_EQ(mask, ~(1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1)));
  Go(pid, SIGUSR2);  // is blocked now: stays pending
  CHECK_EQ(Next(pid), Exited(9));
  Ok("masks");
}

int main(void) {
  Deliver();
  WaitidTells();
  TellsByInterrupting();
  Kill();
  BlockedLater();
  return 0;
}
