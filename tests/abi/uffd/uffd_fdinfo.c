// /proc/self/fdinfo counts the threads that wait: those whose message is
// unread, and all; and names the features.

#include "tests/abi/uffd_threads.h"

static void Info(int u, unsigned long* pending, unsigned long* total,
                 char* api) {
  char path[64], line[128];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", u);
  FILE* f = fopen(path, "r");
  CHECK(f != NULL);
  *pending = *total = 1000;
  api[0] = 0;
  while (fgets(line, sizeof line, f)) {
    sscanf(line, "pending: %lu", pending);
    sscanf(line, "total: %lu", total);
    sscanf(line, "API: %63s", api);
  }
  fclose(f);
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_THREAD_ID);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  unsigned long pending, total;
  char api[64];
  Info(u, &pending, &total, api);
  CHECK_EQ(pending, 0);
  CHECK_EQ(total, 0);
  CHECK_EQ(strncmp(api, "aa:", 3), 0);
  Ok("nobody");

  struct Toucher t[2];
  for (int i = 0; i < 2; i++) {
    StartLoad(&t[i], area + i * kPage);
    struct pollfd p = {u, POLLIN, 0};
    CHECK_EQ(poll(&p, 1, 10000), 1);
    Info(u, &pending, &total, api);
    CHECK_EQ(pending, 1);
    CHECK_EQ(total, i + 1);
    NextMessage(u);
    Info(u, &pending, &total, api);
    CHECK_EQ(pending, 0);
    CHECK_EQ(total, i + 1);
  }
  CHECK_DONE(ZeroPage(u, area, 2 * kPage, 0), 2 * kPage);
  for (int i = 0; i < 2; i++) Seen(&t[i]);
  Info(u, &pending, &total, api);
  CHECK_EQ(total, 0);
  Ok("two, read and unread");
  return 0;
}
