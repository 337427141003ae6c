// A system call that waits for a page finishes before a signal's handler runs,
// and is not cut short.

#include "tests/abi/uffd_threads.h"

static volatile int g_handled;
static char* g_area;
static int g_file;
static volatile ssize_t g_written;

static void OnSignal(int signal) {
  (void)signal;
  g_handled++;
}

static void* Writer(void* unused) {
  (void)unused;
  g_written = write(g_file, g_area, kPage);
  return NULL;
}

int main(void) {
  struct sigaction action = {.sa_handler = OnSignal};
  MUST(sigaction(SIGUSR1, &action, NULL));
  int u = Uffd(0);
  g_area = Island(1, kReadWrite);
  Arm(u, g_area, kPage, kMissing);
  g_file = MUST(memfd_create("file", 0));
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Writer, NULL), 0);
  CHECK_PAGEFAULT(NextMessage(u), g_area, kLoadFlags);
  CHECK_EQ(pthread_kill(thread, SIGUSR1), 0);
  usleep(5000);
  CHECK_EQ(g_handled, 0);
  // The fault may have been reported again, any number of times.
  CHECK_DONE(Copy(u, g_area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_EQ(g_handled, 1);
  CHECK_EQ(g_written, kPage);
  Ok("all written, then handled");
  return 0;
}
