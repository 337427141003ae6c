// Who may trace whom, what a tracer's end does, and how the exit of a traced
// process reaches both its tracer and its parent.
// Covers: plugin/linux/ptrace/may_attach.cc plugin/linux/ptrace/attach.cc
// Covers: plugin/linux/ptrace/link.cc

#include <pthread.h>
#include <sys/prctl.h>

#include "tests/abi/ptrace.h"

static void Pause(void) {
  for (;;) pause();
}

static int StatusLine(pid_t pid, const char* name) {
  char path[64], line[256];
  int value = -1;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE* f = fopen(path, "r");
  CHECK(f != NULL);
  while (fgets(line, sizeof line, f)) {
    if (strncmp(line, name, strlen(name)) == 0) {
      value = atoi(line + strlen(name));
    }
  }
  fclose(f);
  return value;
}

static void Errors(void) {
  CHECK_FAILS(ptrace(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
  CHECK_FAILS(ptrace(PTRACE_ATTACH, 0, 0, 0), ESRCH);
  CHECK_FAILS(ptrace(PTRACE_ATTACH, 4194000, 0, 0), ESRCH);
  CHECK_FAILS(ptrace(PTRACE_CONT, getpid(), 0, 0), ESRCH);
  pid_t pid = Forked(Pause);
  CHECK_FAILS(ptrace(PTRACE_CONT, pid, 0, 0), ESRCH);
  CHECK_FAILS(ptrace(PTRACE_KILL, pid, 0, 0), ESRCH);
  CHECK_FAILS(ptrace(PTRACE_DETACH, pid, 0, 0), ESRCH);
  CHECK_EQ(StatusLine(pid, "TracerPid:"), 0);
  REQUEST(PTRACE_ATTACH, pid, 0, 0);
  CHECK_EQ(Next(pid), Stop(SIGSTOP));
  CHECK_EQ(StatusLine(pid, "TracerPid:"), getpid());
  CHECK_FAILS(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM);
  CHECK_FAILS(ptrace(PTRACE_SETOPTIONS, pid, 0, 1l << 30), EINVAL);
  MUST(kill(pid, SIGKILL));
  siginfo_t info;
  MUST(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
  CHECK_FAILS(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM);  // a zombie
  CHECK_EQ(Next(pid), SIGKILL);
  CHECK_FAILS(ptrace(PTRACE_ATTACH, pid, 0, 0), ESRCH);
  Ok("errors");
}

static void Twice(void) { CHECK_FAILS(ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM); }

static int ready[2];
static void ReadyAndPause(void) {
  MUST(write(ready[1], "r", 1));
  Pause();
}
static void AwaitReady(void) {
  char byte;
  CHECK_EQ(read(ready[0], &byte, 1), 1);
}

static void AsUser(void) {
  MUST(setuid(1000));
  MUST(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
  ReadyAndPause();
}
static void AsUserNotDumpable(void) {
  MUST(setuid(1000));
  MUST(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  ReadyAndPause();
}
static pid_t victims[3];
static void TryAll(void) {
  MUST(setgid(0));
  MUST(setuid(1000));
  REQUEST(PTRACE_ATTACH, victims[0], 0, 0);
  CHECK_EQ(Next(victims[0]), Stop(SIGSTOP));
  CHECK_FAILS(ptrace(PTRACE_ATTACH, victims[1], 0, 0), EPERM);
  CHECK_FAILS(ptrace(PTRACE_SEIZE, victims[2], 0, 0), EPERM);
}

static void Permissions(void) {
  if (geteuid() != 0) return;
  pid_t pid = Traced(Twice);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(0));
  victims[0] = Forked(AsUser);
  AwaitReady();
  victims[1] = Forked(AsUserNotDumpable);
  AwaitReady();
  victims[2] = Forked(ReadyAndPause);
  AwaitReady();
  CHECK_EQ(Next(Forked(TryAll)), Exited(0));
  REQUEST(PTRACE_SEIZE, victims[1], 0, 0);  // root may
  for (int i = 0; i < 3; ++i) {
    MUST(kill(victims[i], SIGKILL));
    CHECK_EQ(Next(victims[i]), SIGKILL);
  }
  Ok("permissions");
}

// The tracer of `victims[0]`, which stands, ends.
static void AttachAndLeave(void) {
  REQUEST(PTRACE_ATTACH, victims[0], 0, 0);
  CHECK_EQ(Next(victims[0]), Stop(SIGSTOP));
}
static void SeizeAndLeave(void) {
  REQUEST(PTRACE_SEIZE, victims[0], 0, PTRACE_O_EXITKILL);
}

static void TracerEnds(void) {
  victims[0] = Forked(Pause);
  CHECK_EQ(Next(Forked(AttachAndLeave)), Exited(0));
  CHECK_EQ(StatusLine(victims[0], "TracerPid:"), 0);
  CHECK_EQ(waitpid(victims[0], NULL, WNOHANG), 0);  // runs
  CHECK_EQ(Next(Forked(SeizeAndLeave)), Exited(0));
  CHECK_EQ(Next(victims[0]), SIGKILL);
  Ok("a tracer's end lets go, or kills");
}

// The exit of a process whose tracer is not its parent.
static int tell[2];
static void SeizeAndPause(void) {
  REQUEST(PTRACE_SEIZE, victims[0], 0, 0);
  ReadyAndPause();
}
static void SeizeAndSeeExit(void) {
  REQUEST(PTRACE_SEIZE, victims[0], 0, 0);
  MUST(write(ready[1], "r", 1));
  siginfo_t info;
  MUST(waitid(P_PID, (id_t)victims[0], &info, WEXITED | WNOWAIT));
  CHECK_EQ(info.si_code, CLD_KILLED);
  MUST(write(ready[1], "r", 1));
  char byte;
  CHECK_EQ(read(tell[0], &byte, 1), 1);
  CHECK_EQ(Next(victims[0]), SIGKILL);
  CHECK_FAILS(waitpid(victims[0], NULL, 0), ECHILD);
}

static void ExitOfTraced(void) {
  MUST(pipe(tell));
  victims[0] = Forked(Pause);
  pid_t tracer = Forked(SeizeAndPause);
  AwaitReady();
  MUST(kill(victims[0], SIGUSR1));  // stops for its tracer, not for us
  CHECK_EQ(waitpid(victims[0], NULL, WNOHANG | WUNTRACED), 0);
  MUST(kill(victims[0], SIGKILL));
  CHECK_EQ(waitpid(victims[0], NULL, WNOHANG), 0);
  MUST(kill(tracer, SIGKILL));
  CHECK_EQ(Next(tracer), SIGKILL);
  CHECK_EQ(Next(victims[0]), SIGKILL);
  Ok("a zombie is its parent's once its tracer is gone");

  victims[0] = Forked(Pause);
  tracer = Forked(SeizeAndSeeExit);
  AwaitReady();
  MUST(kill(victims[0], SIGKILL));
  AwaitReady();
  CHECK_EQ(waitpid(victims[0], NULL, WNOHANG), 0);  // not yet ours
  MUST(write(tell[1], "t", 1));
  CHECK_EQ(Next(tracer), Exited(0));
  CHECK_EQ(Next(victims[0]), SIGKILL);
  Ok("or has seen it");
}

static volatile pid_t thread_id;
static void* Thread(void* unused) {
  (void)unused;
  thread_id = (pid_t)syscall(SYS_gettid);
  MUST(write(ready[1], "r", 1));
  char byte;
  if (read(tell[0], &byte, 1) != 1) FAIL("read");
  return NULL;
}
static pid_t* shared_id;
static void Threads(void) {
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Thread, NULL), 0);
  while (thread_id == 0) usleep(100);
  *shared_id = thread_id;
  pthread_join(thread, NULL);
  MUST(write(ready[1], "r", 1));
  Pause();
}

// A thread is traced by itself; its exit is the tracer's to see.
static void OneThread(void) {
  shared_id = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pid_t pid = Forked(Threads);
  AwaitReady();
  while (*(volatile pid_t*)shared_id == 0) usleep(100);
  pid_t tid = *shared_id;
  REQUEST(PTRACE_ATTACH, tid, 0, 0);
  CHECK_FAILS(waitpid(pid, NULL, WNOHANG | __WCLONE), ECHILD);
  CHECK_EQ(Next(tid), Stop(SIGSTOP));
  CHECK_EQ(StatusLine(tid, "TracerPid:"), getpid());
  CHECK_EQ(StatusLine(pid, "TracerPid:"), 0);
  Go(tid, 0);
  MUST(write(tell[1], "t", 1));
  AwaitReady();
  CHECK_EQ(Next(tid), Exited(0));
  CHECK_FAILS(waitpid(tid, NULL, __WALL), ECHILD);
  MUST(kill(pid, SIGKILL));
  CHECK_EQ(Next(pid), SIGKILL);
  Ok("a single thread");
}

int main(void) {
  MUST(pipe(ready));
  Errors();
  Permissions();
  TracerEnds();
  ExitOfTraced();
  OneThread();
  return 0;
}
