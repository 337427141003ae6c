// exit_group from any thread ends the process with its status; a thread that
// exits alone does not.
// Covers: plugin/linux/task/exit.cc plugin/linux/task/run_loop.cc
#include <pthread.h>

#include "tests/abi/check.h"

static void* Sleep(void* unused) {
  for (;;) pause();
  return unused;
}

static void* ExitAlone(void* unused) {
  syscall(SYS_exit, 1);
  return unused;
}

static void* ExitAll(void* unused) {
  usleep(5000);
  _exit(23);
  return unused;
}

static void Child(void) {
  pthread_t threads[4];
  pthread_create(&threads[0], NULL, Sleep, NULL);
  pthread_create(&threads[1], NULL, ExitAlone, NULL);
  pthread_create(&threads[2], NULL, Sleep, NULL);
  pthread_create(&threads[3], NULL, ExitAll, NULL);
  Sleep(NULL);
}

static void LeaderFirst(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, ExitAll, NULL);
  syscall(SYS_exit, 1);
}

int main(void) {
  int status = RunChild(Child);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 23);
  Ok("the thread's status is the process's");
  status = RunChild(LeaderFirst);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 23);
  Ok("after the first thread had gone");
}
