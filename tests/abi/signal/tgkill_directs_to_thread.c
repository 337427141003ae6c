// tgkill reaches the thread it names; its group must be right.
// Covers: plugin/linux/signal/kill_calls.cc
#include <pthread.h>
#include <sched.h>

#include "tests/abi/check.h"

static volatile pid_t g_handled_by;
static void Handler(int signal) {
  (void)signal;
  g_handled_by = (pid_t)syscall(SYS_gettid);
}

static int g_tid_pipe[2], g_stop_pipe[2];

static void* Thread(void* unused) {
  (void)unused;
  pid_t tid = (pid_t)syscall(SYS_gettid);
  CHECK_EQ(write(g_tid_pipe[1], &tid, sizeof tid), sizeof tid);
  char stop;
  CHECK_EQ(read(g_stop_pipe[0], &stop, 1), 1);
  CHECK_EQ(g_handled_by, tid);
  return NULL;
}

int main(void) {
  struct sigaction action = {.sa_handler = Handler, .sa_flags = SA_RESTART};
  MUST(sigaction(SIGUSR1, &action, NULL));
  MUST(pipe(g_tid_pipe));
  MUST(pipe(g_stop_pipe));
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Thread, NULL), 0);
  pid_t tid;
  CHECK_EQ(read(g_tid_pipe[0], &tid, sizeof tid), sizeof tid);
  CHECK_FAILS(syscall(SYS_tgkill, getpid() + 1, tid, SIGUSR1), ESRCH);
  MUST(syscall(SYS_tgkill, getpid(), tid, SIGUSR1));
  while (g_handled_by == 0) sched_yield();
  CHECK_EQ(write(g_stop_pipe[1], "", 1), 1);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  Ok("handled by the thread it was sent to");
}
