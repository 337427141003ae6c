// Two hundred times: fork, exec of this program, wait.
#include "tests/abi/check.h"

int main(int argc, char** argv) {
  if (argc > 1) return atoi(argv[1]) % 100;
  for (int i = 1; i <= 200; i++) {
    pid_t pid = MUST(fork());
    if (pid == 0) {
      char number[16];
      snprintf(number, sizeof number, "%d", i);
      execl("/proc/self/exe", "again", number, NULL);
      _exit(255);
    }
    int status;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), i % 100);
  }
  Ok("two hundred children");
}
