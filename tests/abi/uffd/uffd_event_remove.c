// EVENT_REMOVE: madvise(MADV_DONTNEED) tells the range before it drops the
// pages, and waits until it is read.

#include "tests/abi/uffd_threads.h"

static char* g_area;
static volatile bool g_removed;

static void* Remove(void* unused) {
  (void)unused;
  MUST(madvise(g_area + kPage, 2 * kPage, MADV_DONTNEED));
  g_removed = true;
  return NULL;
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_REMOVE);
  g_area = Island(4, kReadWrite);
  memset(g_area, 'a', 4 * kPage);
  Arm(u, g_area, 4 * kPage, kMissing);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Remove, NULL), 0);
  struct pollfd p = {u, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 10000), 1);
  usleep(2000);
  CHECK(!g_removed);
  CHECK_EQ(g_area[kPage], 'a');
  CHECK_EQ(Copy(u, g_area + kPage, Letter('x'), kPage, 0).error, EAGAIN);
  Ok("the pages are there until the message is read");

  struct uffd_msg message = NextMessage(u);
  CHECK_EQ(message.event, UFFD_EVENT_REMOVE);
  CHECK_EQ(message.arg.remove.start, (uintptr_t)g_area + kPage);
  CHECK_EQ(message.arg.remove.end, (uintptr_t)g_area + 3 * kPage);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK(!IsPresent(g_area + kPage));
  CHECK(IsPresent(g_area));
  CHECK_DONE(Copy(u, g_area + kPage, Letter('b'), kPage, 0), kPage);
  CHECK_EQ(g_area[kPage], 'b');
  Ok("then they are missing");
  return 0;
}
