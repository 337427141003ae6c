// A thread blocked in read can be cancelled, and its cleanup runs.
#include <pthread.h>

#include "tests/abi/check.h"

static int g_fds[2];
static volatile bool g_cleaned;

static void Clean(void* unused) {
  (void)unused;
  g_cleaned = true;
}

static void* Block(void* unused) {
  (void)unused;
  char byte;
  pthread_cleanup_push(Clean, NULL);
  (void)!read(g_fds[0], &byte, 1);
  pthread_cleanup_pop(0);
  return NULL;
}

int main(void) {
  MUST(pipe(g_fds));
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Block, NULL), 0);
  usleep(5000);
  CHECK_EQ(pthread_cancel(thread), 0);
  void* value;
  CHECK_EQ(pthread_join(thread, &value), 0);
  CHECK(value == PTHREAD_CANCELED);
  CHECK(g_cleaned);
  Ok("cancelled in read");
}
