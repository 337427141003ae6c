// A vfork child runs in the parent's memory, and the parent waits for its
// exit or exec.
#include "tests/abi/check.h"

static volatile int g_shared = 1;

int main(int argc, char** argv) {
  (void)argc;
  if (getenv("VFORK_EXEC")) return 4;
  pid_t pid = vfork();
  if (pid == 0) {
    g_shared = 2;
    _exit(3);
  }
  CHECK_EQ(g_shared, 2);
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(WEXITSTATUS(status), 3);
  Ok("memory is shared until exit");

  char* environment[] = {"VFORK_EXEC=1", NULL};
  pid = vfork();
  if (pid == 0) {
    execve("/proc/self/exe", argv, environment);
    _exit(99);
  }
  g_shared = 5;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(WEXITSTATUS(status), 4);
  CHECK_EQ(g_shared, 5);
  Ok("exec gives the memory back");
}
