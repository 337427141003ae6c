// COPY whose source is itself missing waits for it, holding up nobody else.

#include "tests/abi/uffd_threads.h"

static int g_uffd;
static char* g_area;

static void* CopyIt(void* unused) {
  (void)unused;
  CHECK_DONE(Copy(g_uffd, g_area, g_area + kPage, kPage, 0), kPage);
  return NULL;
}

int main(void) {
  g_uffd = Uffd(0);
  g_area = Island(3, kReadWrite);
  Arm(g_uffd, g_area, 3 * kPage, kMissing);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, CopyIt, NULL), 0);
  CHECK_PAGEFAULT(NextMessage(g_uffd), g_area + kPage, kLoadFlags);
  CHECK_DONE(ZeroPage(g_uffd, g_area + 2 * kPage, kPage, 0), kPage);
  MUST(munmap(Island(1, kReadWrite), kPage));
  CHECK(!IsPresent(g_area));
  CHECK_DONE(Copy(g_uffd, g_area + kPage, Letter('s'), kPage, 0), kPage);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  CHECK_EQ(g_area[0], 's');
  Ok("the copy is asked for its source, and then made");
  return 0;
}
