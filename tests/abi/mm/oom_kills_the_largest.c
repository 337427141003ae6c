// When memory and swap are used up, the process that uses most is killed by
// SIGKILL, or the one that oom_score_adj points to; the others go on.
// Covers: plugin/linux/task/oom_killer.cc
// Options: --mem 32M

#include "../swap.h"

// Exhausting a real machine is no test for its other users.
enum { kMostKb = 512 * 1024, kSmall = 256 };

static int g_ready[2];

static void SetScoreAdj(const char* value) {
  int fd = MUST(open("/proc/self/oom_score_adj", O_WRONLY));
  CHECK_EQ(write(fd, value, strlen(value)), (ssize_t)strlen(value));
  close(fd);
}

// Has `kSmall` pages and waits to be killed.
static pid_t StartSmall(const char* score_adj) {
  pid_t pid = MUST(fork());
  if (pid == 0) {
    SetScoreAdj(score_adj);
    char* area = Anonymous(kSmall, kReadWrite);
    for (int i = 0; i < kSmall; i++) area[i * kPage] = 's';
    CHECK_EQ(write(g_ready[1], "r", 1), 1);
    for (;;) pause();
  }
  char byte;
  CHECK_EQ(read(g_ready[0], &byte, 1), 1);
  return pid;
}

// Uses more and more, without end.
static pid_t StartLarge(void) {
  pid_t pid = MUST(fork());
  if (pid == 0) {
    SetScoreAdj("0");
    for (;;) {
      char* area = Anonymous(64, kReadWrite);
      for (int i = 0; i < 64; i++) area[i * kPage] = 'l';
    }
  }
  return pid;
}

static int StatusOf(pid_t pid) {
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  return status;
}
static bool Alive(pid_t pid) {
  int status;
  return MUST(waitpid(pid, &status, WNOHANG)) == 0;
}

int main(void) {
  if (Meminfo("MemTotal:") + Meminfo("SwapTotal:") > kMostKb) {
    Skip("this machine has memory that others need");
  }
  MUST(pipe(g_ready));
  SetScoreAdj("-1000");
  long kills = Vmstat("oom_kill");
  pid_t small = StartSmall("0");
  CHECK_EQ(StatusOf(StartLarge()), SIGKILL);
  CHECK(Alive(small));
  CHECK(Vmstat("oom_kill") > kills);
  Ok("the largest is killed");

  pid_t pointed_at = StartSmall("1000");
  pid_t large = StartLarge();
  CHECK_EQ(StatusOf(pointed_at), SIGKILL);
  CHECK(Alive(small));
  CHECK_EQ(StatusOf(large), SIGKILL);
  Ok("oom_score_adj points");

  MUST(kill(small, SIGKILL));
  CHECK_EQ(StatusOf(small), SIGKILL);
  char* area = Anonymous(kSmall, kReadWrite);
  for (int i = 0; i < kSmall; i++) area[i * kPage] = 'a';
  Ok("there is memory again");
  return 0;
}
