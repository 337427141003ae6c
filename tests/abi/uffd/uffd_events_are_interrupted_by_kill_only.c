// Who waits for an event to be read is not interrupted by a signal's handler,
// but is by SIGKILL.

#include "tests/abi/uffd_threads.h"

static char* g_area;
static volatile int g_handled;
static volatile bool g_over;
static int g_go[2];

static void OnSignal(int signal) {
  (void)signal;
  g_handled++;
}
static void* Unmap(void* unused) {
  (void)unused;
  MUST(munmap(g_area, kPage));
  g_over = true;
  return NULL;
}

static void UnmapAndDie(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_UNMAP);
  Arm(u, g_area, kPage, kMissing);
  CHECK_EQ(write(g_go[1], "x", 1), 1);
  MUST(munmap(g_area, kPage));
}

int main(void) {
  struct sigaction action = {.sa_handler = OnSignal};
  MUST(sigaction(SIGUSR1, &action, NULL));
  MUST(pipe(g_go));
  int u = Uffd(UFFD_FEATURE_EVENT_UNMAP);
  g_area = Island(1, kReadWrite);
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    UnmapAndDie();
    _exit(1);
  }
  char c;
  CHECK_EQ(read(g_go[0], &c, 1), 1);
  usleep(5000);
  MUST(kill(pid, SIGKILL));
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK_EQ(WTERMSIG(status), SIGKILL);
  Ok("SIGKILL");

  Arm(u, g_area, kPage, kMissing);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Unmap, NULL), 0);
  struct pollfd p = {u, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 10000), 1);
  CHECK_EQ(pthread_kill(thread, SIGUSR1), 0);
  usleep(5000);
  CHECK(!g_over);
  CHECK_EQ(g_handled, 0);
  CHECK_EQ(NextMessage(u).event, UFFD_EVENT_UNMAP);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_EQ(g_handled, 1);
  Ok("a handler runs when the call is over");
  return 0;
}
