// Two hundred children by fork, exec and wait; a pipeline of five; a tree of
// processes whose exit statuses add up.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kChildren = 200, kStages = 5, kDepth = 4, kFanOut = 3 };

static int Wait(pid_t pid) {
  int status = -1;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
    printf("process %s: status %#x\n", "lost", (unsigned)status);
    exit(1);
  }
  return WEXITSTATUS(status);
}

static void SpawnAll(void) {
  long sum = 0;
  for (int i = 0; i < kChildren; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      char number[16];
      snprintf(number, sizeof number, "%d", i);
      char* argv[] = {"child", number, "second argument", NULL};
      char* envp[] = {"NUMBER=7", NULL};
      execve("/proc/self/exe", argv, envp);
      _exit(255);
    }
    sum += Wait(pid);
  }
  printf("spawned %d, sum %ld\n", kChildren, sum);
}

static int Child(char** argv) {
  if (strcmp(argv[2], "second argument") != 0) return 250;
  return (atoi(argv[1]) + atoi(getenv("NUMBER"))) % 100;
}

// Each stage adds one to every byte that passes through it.
static void Pipeline(void) {
  int input = -1;
  pid_t pids[kStages];
  for (int stage = 0; stage < kStages; stage++) {
    int fds[2];
    if (pipe(fds) != 0) exit(1);
    pids[stage] = fork();
    if (pids[stage] == 0) {
      close(fds[0]);
      char buffer[1000];
      memset(buffer, 0, sizeof buffer);
      for (int i = 0; stage == 0 && i < 200; i++) {
        if (write(fds[1], buffer, sizeof buffer) != sizeof buffer) _exit(1);
      }
      ssize_t got;
      while (stage > 0 && (got = read(input, buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < got; i++) buffer[i]++;
        if (write(fds[1], buffer, (size_t)got) != got) _exit(1);
      }
      _exit(0);
    }
    close(fds[1]);
    if (input >= 0) close(input);
    input = fds[0];
  }
  long bytes = 0, sum = 0;
  unsigned char buffer[4096];
  ssize_t got;
  while ((got = read(input, buffer, sizeof buffer)) > 0) {
    bytes += got;
    for (ssize_t i = 0; i < got; i++) sum += buffer[i];
  }
  for (int stage = 0; stage < kStages; stage++) Wait(pids[stage]);
  printf("pipeline %ld bytes, sum %ld\n", bytes, sum);
}

// The number of leaves below, by exit status.
static int Tree(int depth) {
  if (depth == 0) return 1;
  pid_t pids[kFanOut];
  for (int i = 0; i < kFanOut; i++) {
    pids[i] = fork();
    if (pids[i] == 0) _exit(Tree(depth - 1));
  }
  int leaves = 0;
  for (int i = 0; i < kFanOut; i++) leaves += Wait(pids[i]);
  return leaves;
}

int main(int argc, char** argv) {
  if (argc > 1) return Child(argv);
  setvbuf(stdout, NULL, _IOLBF, 0);
  SpawnAll();
  Pipeline();
  printf("tree of %d leaves\n", Tree(kDepth));
}
