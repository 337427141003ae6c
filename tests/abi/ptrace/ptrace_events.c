// PTRACE_O_TRACE*: stops at fork, vfork, clone, exec and exit; new tasks are
// traced, too.
// Covers: plugin/linux/ptrace/stop.cc plugin/linux/ptrace/link.cc

#include <pthread.h>

#include "tests/abi/ptrace.h"

static void Forks(void) {
  pid_t pid = fork();
  if (pid == 0) _exit(3);
  int status;
  waitpid(pid, &status, 0);
  _exit(status == Exited(3) ? 4 : 1);
}

static void TraceFork(long options, int event, void (*body)(void)) {
  pid_t pid = Traced(body);
  REQUEST(PTRACE_SETOPTIONS, pid, 0, options);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Event(event));
  siginfo_t info = SigInfo(pid);
  CHECK_EQ(info.si_signo, SIGTRAP);
  CHECK_EQ(info.si_code, SIGTRAP | event << 8);
  pid_t child = (pid_t)Message(pid);
  CHECK_EQ(Next(child), Stop(SIGSTOP));
  unsigned long none = 0;
  REQUEST(PTRACE_GETEVENTMSG, child, 0, &none);
  CHECK_EQ(none, 0);
  Go(pid, 0);
  Go(child, 0);
  CHECK_EQ(Next(child), Exited(3));  // its tracer first, then its parent
  if (options & PTRACE_O_TRACEVFORKDONE) {
    CHECK_EQ(Next(pid), Event(PTRACE_EVENT_VFORK_DONE));
    CHECK_EQ(Message(pid), child);
    Go(pid, 0);
  }
  CHECK_EQ(Next(pid), Stop(SIGCHLD));
  Go(pid, SIGCHLD);
  CHECK_EQ(Next(pid), Exited(4));
}

static void Vforks(void) {
  pid_t pid = vfork();
  if (pid == 0) _exit(3);
  int status;
  waitpid(pid, &status, 0);
  _exit(status == Exited(3) ? 4 : 1);
}

static void* Nothing(void* unused) { return unused; }
static void Clones(void) {
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Nothing, NULL), 0);
  pthread_join(thread, NULL);
  raise(SIGUSR1);
  _exit(4);
}

static void TraceThread(void) {
  pid_t pid = Traced(Clones);
  REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Event(PTRACE_EVENT_CLONE));
  pid_t thread = (pid_t)Message(pid);
  CHECK_EQ(Next(thread), Stop(SIGSTOP));
  Go(pid, 0);
  Go(thread, 0);
  CHECK_EQ(Next(pid), Stop(SIGUSR1));
  CHECK_EQ(Next(thread), Exited(0));
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(4));
  Ok("clone");
}

// A seized parent's child stops for its tracer without a signal.
static int go[2];
static void ForksLater(void) {
  char byte;
  CHECK_EQ(read(go[0], &byte, 1), 1);
  Forks();
}
static void SeizedFork(void) {
  MUST(pipe(go));
  pid_t pid = Forked(ForksLater);
  REQUEST(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXIT);
  MUST(write(go[1], "g", 1));
  CHECK_EQ(Next(pid), Event(PTRACE_EVENT_FORK));
  pid_t child = (pid_t)Message(pid);
  CHECK_EQ(Next(child), Stop(SIGTRAP) | PTRACE_EVENT_STOP << 16);
  Go(pid, 0);
  Go(child, 0);
  CHECK_EQ(Next(child), Event(PTRACE_EVENT_EXIT));
  CHECK_EQ(Message(child), Exited(3));
  CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
  Go(child, 0);
  CHECK_EQ(Next(child), Exited(3));
  CHECK_EQ(Next(pid), Stop(SIGCHLD));
  Go(pid, 0);
  CHECK_EQ(Next(pid), Event(PTRACE_EVENT_EXIT));
  CHECK_EQ(Message(pid), Exited(4));
  Registers r = GetRegisters(pid);
  CHECK(PC(r) != 0);
  REQUEST(PTRACE_DETACH, pid, 0, 0);
  CHECK_EQ(Next(pid), Exited(4));
  Ok("seized, and exit");
}

static void Pause(void) {
  for (;;) pause();
}

static void ExitWhenKilled(void) {
  pid_t pid = Traced(Pause);
  REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT);
  MUST(kill(pid, SIGKILL));
  CHECK_EQ(Next(pid), Event(PTRACE_EVENT_EXIT));
  CHECK_EQ(Message(pid), SIGKILL);
  Go(pid, 0);
  CHECK_EQ(Next(pid), SIGKILL);
  Ok("exit of who is killed");
}

static char* self;
static void Execs(void) { execl("/proc/self/exe", self, "exec", NULL); }
static void* ExecThread(void* unused) {
  Execs();
  return unused;
}
static void ExecsFromThread(void) {
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, ExecThread, NULL), 0);
  Pause();
}

static void TraceExec(void) {
  pid_t pid = Traced(Execs);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGTRAP));
  siginfo_t info = SigInfo(pid);
  CHECK_EQ(info.si_code, SI_USER);
  CHECK_EQ(info.si_pid, pid);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(6));
  pid = Traced(Execs);
  REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Event(PTRACE_EVENT_EXEC));
  CHECK_EQ(Message(pid), pid);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(6));
  Ok("exec");
  pid = Traced(ExecsFromThread);
  REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Event(PTRACE_EVENT_CLONE));
  pid_t thread = (pid_t)Message(pid);
  CHECK_EQ(Next(thread), Stop(SIGSTOP));
  Go(pid, 0);
  Go(thread, 0);
  CHECK_EQ(Next(pid), Event(PTRACE_EVENT_EXEC));
  CHECK_EQ(Message(pid), thread);
  CHECK_FAILS(waitpid(thread, NULL, __WALL | WNOHANG), ECHILD);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(6));
  Ok("exec by another thread, which becomes the first");
}

// Syscall stops around exec, and where its events come between them.
static void ExecWithSyscalls(void) {
  pid_t pid = Traced(Execs);
  REQUEST(PTRACE_SETOPTIONS, pid, 0,
          PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD);
  do {
    REQUEST(PTRACE_SYSCALL, pid, 0, 0);
    CHECK_EQ(Next(pid), Stop(SIGTRAP | 0x80));
  } while (CallNumber(pid) != SYS_execve);
  REQUEST(PTRACE_SYSCALL, pid, 0, 0);
  CHECK_EQ(Next(pid), Event(PTRACE_EVENT_EXEC));
  REQUEST(PTRACE_SYSCALL, pid, 0, 0);
  CHECK_EQ(Next(pid), Stop(SIGTRAP | 0x80));
  CHECK_EQ(Message(pid), 2);
  CHECK_EQ((long)RESULT(GetRegisters(pid)), 0);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(6));
  Ok("exec between its stops");
}

int main(int argc, char** argv) {
  if (argc > 1) return 6;
  self = argv[0];
  TraceFork(PTRACE_O_TRACEFORK, PTRACE_EVENT_FORK, Forks);
  Ok("fork");
  TraceFork(PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE, PTRACE_EVENT_VFORK,
            Vforks);
  Ok("vfork");
  TraceThread();
  SeizedFork();
  ExitWhenKilled();
  TraceExec();
  ExecWithSyscalls();
  return 0;
}
