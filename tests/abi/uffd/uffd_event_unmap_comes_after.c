// EVENT_UNMAP is told when the memory is gone already: while munmap waits, the
// filling ioctls are EAGAIN, and what was there is not mapped.

#include "tests/abi/uffd_threads.h"

static char* g_area;
static volatile bool g_over;

static void* Unmap(void* unused) {
  (void)unused;
  MUST(munmap(g_area, kPage));
  g_over = true;
  return NULL;
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_UNMAP);
  g_area = Island(2, kReadWrite);
  Arm(u, g_area, 2 * kPage, kMissing);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Unmap, NULL), 0);
  struct pollfd p = {u, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 10000), 1);
  CHECK_EQ(CountMaps(g_area, kPage), 0);
  CHECK_EQ(ZeroPage(u, g_area + kPage, kPage, 0).error, EAGAIN);
  usleep(2000);
  CHECK(!g_over);
  CHECK_EQ(NextMessage(u).event, UFFD_EVENT_UNMAP);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_DONE(ZeroPage(u, g_area + kPage, kPage, 0), kPage);
  CHECK_REFUSED(ZeroPage(u, g_area, kPage, 0), ENOENT);
  Ok("gone, then told, then over");
  return 0;
}
