// fork_resident PAGES ROUNDS: with PAGES pages present, each round forks a
// child that exits at once. Two runs that differ in ROUNDS tell what that
// costs.
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

int main(int argc, char** argv) {
  (void)argc;
  size_t pages = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  char* p = Map(pages);
  for (size_t i = 0; i < pages; i++) {
    Write(p + i * kPage);
  }
  for (size_t round = 0; round < rounds; round++) {
    pid_t child = fork();
    if (child == 0) {
      _exit(0);
    }
    if (child < 0 || waitpid(child, NULL, 0) != child) {
      perror("fork");
      return 1;
    }
  }
  return 0;
}
