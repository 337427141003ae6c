// A traced thread takes part in the stops of its process by stopping for its
// tracer. One that is attached may go on; one that is seized can wait for
// SIGCONT with PTRACE_LISTEN.
// Covers: plugin/linux/ptrace/stop.cc plugin/linux/ptrace/attach.cc
// Covers: plugin/linux/signal/stop.cc

#include "tests/abi/ptrace.h"

static void Pause(void) {
  for (;;) pause();
}

static void StopSelf(void) {
  raise(SIGSTOP);
  _exit(5);
}

static int EventStop(int signo) {
  return Stop(signo) | PTRACE_EVENT_STOP << 16;
}

static char State(pid_t pid) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE* f = fopen(path, "r");
  CHECK(f != NULL);
  CHECK(fgets(line, sizeof line, f) != NULL);
  fclose(f);
  return strrchr(line, ')')[2];
}

static void Attached(void) {
  pid_t pid = Traced(StopSelf);
  CHECK_EQ(State(pid), 't');
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGSTOP));  // about to be delivered
  CHECK_EQ(SigInfo(pid).si_code, SI_TKILL);
  Go(pid, SIGSTOP);
  CHECK_EQ(Next(pid), Stop(SIGSTOP));  // its effect
  siginfo_t info;
  CHECK_FAILS(ptrace(PTRACE_GETSIGINFO, pid, 0, &info), EINVAL);
  CHECK_EQ(State(pid), 't');
  CHECK_FAILS(ptrace(PTRACE_LISTEN, pid, 0, 0), EIO);
  Go(pid, SIGUSR1);  // goes on, and the signal is lost
  CHECK_EQ(Next(pid), Exited(5));
  Ok("attached: the effect of SIGSTOP, and on");
}

static void Seized(void) {
  pid_t pid = Forked(Pause);
  CHECK_FAILS(ptrace(PTRACE_SEIZE, pid, 1l, 0), EIO);
  CHECK_FAILS(ptrace(PTRACE_SEIZE, pid, 0, 1l << 30), EIO);
  REQUEST(PTRACE_SEIZE, pid, 0, 0);
  CHECK_FAILS(ptrace(PTRACE_SEIZE, pid, 0, 0), EPERM);
  CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);  // runs on
  REQUEST(PTRACE_INTERRUPT, pid, 0, 0);
  CHECK_EQ(Next(pid), EventStop(SIGTRAP));
  siginfo_t info = SigInfo(pid);
  CHECK_EQ(info.si_signo, SIGTRAP);
  CHECK_EQ(info.si_code, SIGTRAP | PTRACE_EVENT_STOP << 8);
  Go(pid, 0);
  MUST(kill(pid, SIGSTOP));
  CHECK_EQ(Next(pid), Stop(SIGSTOP));
  Go(pid, SIGSTOP);
  CHECK_EQ(Next(pid), EventStop(SIGSTOP));
  CHECK_EQ(SigInfo(pid).si_code, SIGSTOP | PTRACE_EVENT_STOP << 8);
  REQUEST(PTRACE_LISTEN, pid, 0, 0);
  CHECK_FAILS(ptrace(PTRACE_CONT, pid, 0, 0), ESRCH);
  CHECK_EQ(State(pid), 't');
  CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
  REQUEST(PTRACE_INTERRUPT, pid, 0, 0);
  CHECK_EQ(Next(pid), EventStop(SIGSTOP));  // still
  REQUEST(PTRACE_LISTEN, pid, 0, 0);
  MUST(kill(pid, SIGCONT));
  CHECK_EQ(Next(pid), EventStop(SIGTRAP));  // no more
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGCONT));
  Go(pid, 0);
  MUST(kill(pid, SIGTSTP));
  CHECK_EQ(Next(pid), Stop(SIGTSTP));
  Go(pid, 0);
  MUST(kill(pid, SIGKILL));
  CHECK_EQ(Next(pid), SIGKILL);
  CHECK_FAILS(ptrace(PTRACE_INTERRUPT, pid, 0, 0), ESRCH);
  Ok("seized: waits for SIGCONT");
}

// SIGCONT between the two takes the stop back.
static void TakenBack(void) {
  pid_t pid = Traced(StopSelf);
  CHECK_FAILS(ptrace(PTRACE_INTERRUPT, pid, 0, 0), EIO);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGSTOP));
  MUST(kill(pid, SIGCONT));
  Go(pid, SIGSTOP);
  CHECK_EQ(Next(pid), Stop(SIGCONT));
  Go(pid, SIGCONT);
  CHECK_EQ(Next(pid), Exited(5));
  Ok("SIGCONT meanwhile");
}

static void StopAndPause(void) {
  raise(SIGSTOP);
  Pause();
}

// Its process was stopped before.
static void AttachToStopped(void) {
  pid_t pid = Forked(StopAndPause);
  int status;
  CHECK_EQ(MUST(waitpid(pid, &status, WUNTRACED)), pid);
  CHECK_EQ(status, Stop(SIGSTOP));
  CHECK_EQ(State(pid), 'T');
  REQUEST(PTRACE_ATTACH, pid, 0, 0);
  CHECK_EQ(Next(pid), Stop(SIGSTOP));
  CHECK_EQ(State(pid), 't');
  REQUEST(PTRACE_DETACH, pid, 0, 0);
  // It still halts, of which the parent has been told.
  while (State(pid) != 'T') usleep(1000);
  CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
  MUST(kill(pid, SIGCONT));
  CHECK_EQ(MUST(waitpid(pid, &status, WCONTINUED)), pid);
  CHECK_EQ(status, 0xffff);
  MUST(kill(pid, SIGKILL));
  CHECK_EQ(Next(pid), SIGKILL);
  Ok("attached while stopped, and detached");
}

static void AttachRunning(void) {
  pid_t pid = Forked(Pause);
  REQUEST(PTRACE_ATTACH, pid, 0, 0);
  CHECK_EQ(Next(pid), Stop(SIGSTOP));
  siginfo_t info = SigInfo(pid);
  CHECK_EQ(info.si_code, SI_KERNEL);
  CHECK_FAILS(ptrace(PTRACE_DETACH, pid, 0, 65l), EIO);
  REQUEST(PTRACE_DETACH, pid, 0, (long)SIGTERM);
  CHECK_EQ(Next(pid), SIGTERM);
  Ok("attached while running; detached with a signal");
}

int main(void) {
  Attached();
  Seized();
  TakenBack();
  AttachToStopped();
  AttachRunning();
  return 0;
}
