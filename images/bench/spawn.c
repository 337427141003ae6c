// spawn PROGRAM N: starts PROGRAM so often, one after another, and waits for
// each: what an experiment on a native program costs at least.
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
  const int rounds = argc == 3 ? atoi(argv[2]) : 0;
  for (int i = 0; i < rounds; i++) {
    const pid_t pid = fork();
    if (pid < 0) {
      return 1;
    }
    if (pid == 0) {
      execl(argv[1], argv[1], (char*)NULL);
      _exit(127);
    }
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || status != 0) {
      return 1;
    }
  }
  return 0;
}
