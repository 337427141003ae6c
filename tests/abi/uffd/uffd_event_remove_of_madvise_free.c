// EVENT_REMOVE is told for MADV_FREE as well, though the pages stay for now.

#include "tests/abi/uffd_threads.h"

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_FREE
#define MADV_FREE 8
#endif

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_REMOVE);
  char* area = Island(2, kReadWrite);
  memset(area, 'a', 2 * kPage);
  Arm(u, area, 2 * kPage, kMissing);
  struct Reader reader;
  StartReader(&reader, u);
  MUST(madvise(area, kPage, MADV_FREE));
  struct uffd_msg message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_REMOVE);
  CHECK_EQ(message.arg.remove.start, (uintptr_t)area);
  CHECK_EQ(message.arg.remove.end, (uintptr_t)area + kPage);
  CHECK_EQ(area[kPage], 'a');
  Ok("one event");

  MUST(madvise(area, kPage, MADV_WILLNEED));
  MUST(madvise(area, kPage, MADV_COLD));
  MUST(madvise(area, kPage, MADV_NOHUGEPAGE));
  CHECK(!HasMessage(u));
  Ok("other advice is not told");
  return 0;
}
