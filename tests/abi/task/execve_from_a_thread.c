// exec in one thread ends the others and keeps the process's pid.
#include <pthread.h>

#include "tests/abi/check.h"

static char g_pid[16];

static void* Sleep(void* unused) {
  for (;;) pause();
  return unused;
}

static void* Exec(void* unused) {
  execl("/proc/self/exe", "x", g_pid, NULL);
  return unused;
}

int main(int argc, char** argv) {
  if (argc == 2) {
    CHECK_EQ(getpid(), atoi(argv[1]));
    CHECK_EQ(syscall(SYS_gettid), getpid());
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", getpid());
    struct stat st;
    MUST(stat(path, &st));
    CHECK_EQ(st.st_nlink, 3);  // ".", "..", one thread
    Ok("one thread, the old pid");
    return 0;
  }
  snprintf(g_pid, sizeof g_pid, "%d", getpid());
  pthread_t threads[3];
  for (int i = 0; i < 3; i++)
    CHECK_EQ(pthread_create(&threads[i], NULL, i < 2 ? Sleep : Exec, NULL), 0);
  pthread_join(threads[2], NULL);
  FAIL("exec returned");
}
