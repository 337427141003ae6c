// A protected page can be read by the kernel; what would write to it waits.

#include "tests/abi/uffd_threads.h"

static char* g_area;

static void* Server(void* argument) {
  int u = *(int*)argument;
  CHECK_PAGEFAULT(NextMessage(u), g_area, kWpFlags);
  CHECK_EQ(g_area[0], 'a');
  CHECK_EQ(WriteProtect(u, g_area, kPage, 0), 0);
  return NULL;
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  g_area = Island(1, kReadWrite);
  memset(g_area, 'a', kPage);
  Arm(u, g_area, kPage, kWp);
  int fds[2];
  MUST(pipe(fds));
  CHECK_EQ(WriteProtect(u, g_area, kPage, kProtect), 0);
  CHECK_EQ(write(fds[1], g_area, 4), 4);
  CHECK(!HasMessage(u));
  CHECK(IsProtected(g_area));
  Ok("write(2) reads it");

  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Server, &u), 0);
  CHECK_EQ(write(fds[1], "wxyz", 4), 4);
  char four[4];
  CHECK_EQ(read(fds[0], four, 4), 4);
  CHECK_EQ(read(fds[0], g_area, 4), 4);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_EQ(memcmp(g_area, "wxyz", 4), 0);
  Ok("read(2) into it waits for the handler");
  return 0;
}
