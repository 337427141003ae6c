// A write(2) that waits for a page goes on with zeros when the descriptor is
// closed.

#include "tests/abi/uffd_threads.h"

static char* g_area;
static int g_pipe[2];

static void* Writer(void* unused) {
  (void)unused;
  CHECK_EQ(write(g_pipe[1], g_area, 8), 8);
  return NULL;
}

int main(void) {
  int u = Uffd(0);
  MUST(pipe(g_pipe));
  g_area = Island(1, kReadWrite);
  Arm(u, g_area, kPage, kMissing);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Writer, NULL), 0);
  CHECK_PAGEFAULT(NextMessage(u), g_area, kLoadFlags);
  MUST(close(u));
  CHECK_EQ(pthread_join(thread, NULL), 0);
  char eight[8] = "xxxxxxx";
  CHECK_EQ(read(g_pipe[0], eight, 8), 8);
  CHECK_EQ(memcmp(eight, "\0\0\0\0\0\0\0\0", 8), 0);
  Ok("eight zeros");
  return 0;
}
