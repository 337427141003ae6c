// A signal's frame on a stack whose pages are missing: delivery waits for each.

#include "tests/abi/uffd_threads.h"

enum { kPages = 16 };

static int g_uffd, g_stop[2];
static volatile int g_served;
static volatile uintptr_t g_in_handler;

static void* Server(void* unused) {
  (void)unused;
  for (;;) {
    struct pollfd p[2] = {{g_uffd, POLLIN, 0}, {g_stop[0], POLLIN, 0}};
    CHECK(poll(p, 2, 10000) > 0);
    if (!p[0].revents) return NULL;
    char* at = (char*)NextMessage(g_uffd).arg.pagefault.address;
    CHECK_DONE(ZeroPage(g_uffd, at, kPage, 0), kPage);
    g_served++;
  }
}

static void OnSignal(int signal) {
  char here = (char)signal;
  g_in_handler = (uintptr_t)&here;
}

int main(void) {
  g_uffd = Uffd(0);
  MUST(pipe(g_stop));
  char* stack = Island(kPages, kReadWrite);
  Arm(g_uffd, stack, kPages * kPage, kMissing);
  stack_t alternate = {.ss_sp = stack, .ss_size = kPages * kPage};
  MUST(sigaltstack(&alternate, NULL));
  struct sigaction action = {.sa_handler = OnSignal, .sa_flags = SA_ONSTACK};
  MUST(sigaction(SIGUSR1, &action, NULL));
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Server, NULL), 0);
  MUST(raise(SIGUSR1));
  CHECK_EQ(write(g_stop[1], "x", 1), 1);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK(g_in_handler >= (uintptr_t)stack);
  CHECK(g_in_handler < (uintptr_t)stack + kPages * kPage);
  CHECK(g_served > 0);
  CHECK(g_served <= kPages);
  Ok("the handler ran on pages that were asked for");
  return 0;
}
