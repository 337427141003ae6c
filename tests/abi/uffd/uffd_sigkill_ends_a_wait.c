// SIGKILL ends who waits for a page, in a load and in a system call; so does
// the end of the process by another thread.

#include "tests/abi/uffd_threads.h"

static char* g_area;
static bool g_in_system_call;
static int g_go[2];

// In a child: a registered page of its own, a thread that waits for it.
static void* Wait(void* fd) {
  if (g_in_system_call) {
    (void)!write(*(int*)fd, g_area, 1);
  } else {
    (void)*(volatile char*)g_area;
  }
  return NULL;
}

static void Child(void) {
  int u = Uffd(0), fds[2];
  MUST(pipe(fds));
  g_area = Island(1, kReadWrite);
  Arm(u, g_area, kPage, kMissing);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Wait, &fds[1]), 0);
  CHECK_PAGEFAULT(NextMessage(u), g_area, kLoadFlags);
  CHECK_EQ(write(g_go[1], "x", 1), 1);  // the thread waits now
}

static void ChildWaits(void) {
  Child();
  for (;;) pause();
}

static void Killed(void) {
  pid_t pid = MUST(fork());
  if (pid == 0) ChildWaits();
  char c;
  CHECK_EQ(read(g_go[0], &c, 1), 1);
  MUST(kill(pid, SIGKILL));
  int status = -1;
  CHECK_EQ(MUST(waitpid(pid, &status, 0)), pid);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGKILL);
}

int main(void) {
  MUST(pipe(g_go));
  Killed();
  Ok("in a load");
  g_in_system_call = true;
  Killed();
  Ok("in a system call");
  CHECK_EQ(RunChild(Child), 0);
  g_in_system_call = false;
  CHECK_EQ(RunChild(Child), 0);
  Ok("when another thread exits");
  return 0;
}
