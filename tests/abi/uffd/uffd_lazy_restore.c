// A program in small: a snapshot restored lazily from a file, what it writes
// tracked by protection, by one handler thread.

#include "tests/abi/uffd_threads.h"

enum { kPages = 32 };

static int g_uffd, g_snapshot;
static char* g_area;
static bool g_dirty[kPages];
static int g_loaded;
static int g_stop[2];

static void Serve(struct uffd_msg message) {
  CHECK_EQ(message.event, UFFD_EVENT_PAGEFAULT);
  char* at = (char*)message.arg.pagefault.address;
  const size_t page = (size_t)(at - g_area) / kPage;
  CHECK(page < kPages);
  if (message.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP) {
    g_dirty[page] = true;
    CHECK_EQ(WriteProtect(g_uffd, at, kPage, 0), 0);
    return;
  }
  char buffer[kPage];
  CHECK_EQ(pread(g_snapshot, buffer, kPage, (off_t)(page * kPage)), kPage);
  CHECK_DONE(Copy(g_uffd, at, buffer, kPage, UFFDIO_COPY_MODE_WP), kPage);
  g_loaded++;
}

static void* Handler(void* unused) {
  (void)unused;
  for (;;) {
    struct pollfd p[2] = {{g_uffd, POLLIN, 0}, {g_stop[0], POLLIN, 0}};
    CHECK(poll(p, 2, 10000) > 0);
    if (p[0].revents) {
      Serve(NextMessage(g_uffd));
    } else {
      return NULL;
    }
  }
}

int main(void) {
  g_snapshot = LetterFile(kPages);
  MUST(pipe(g_stop));
  g_uffd = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  g_area = Island(kPages, kReadWrite);
  Arm(g_uffd, g_area, kPages * kPage, kMissing | kWp);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, Handler, NULL), 0);
  for (int i = 0; i < kPages; i += 2) CHECK_EQ(g_area[i * kPage], 'A' + i);
  for (int i = 0; i < kPages; i += 3) g_area[i * kPage + 1] = '!';
  CHECK_EQ(write(g_stop[1], "x", 1), 1);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  int loaded = 0;
  for (int i = 0; i < kPages; i++) {
    CHECK_EQ(g_dirty[i], i % 3 == 0);
    const bool touched = i % 2 == 0 || i % 3 == 0;
    CHECK_EQ(IsPresent(g_area + i * kPage), touched);
    loaded += touched;
    if (touched) CHECK_EQ(g_area[i * kPage + 2], 'A' + i);
  }
  CHECK_EQ(g_loaded, loaded);
  Ok("what was touched is loaded, what was written is known");
  return 0;
}
