// EVENT_UNMAP: munmap, a mapping over registered memory and mremap that
// shrinks tell what is gone, and wait until it is read.

#include "tests/abi/uffd_threads.h"

static struct Reader g_reader;

static void CheckUnmapped(char* start, size_t pages) {
  struct uffd_msg message = ReadMessage(&g_reader);
  CHECK_EQ(message.event, UFFD_EVENT_UNMAP);
  CHECK_EQ(message.arg.remove.start, (uintptr_t)start);
  CHECK_EQ(message.arg.remove.end, (uintptr_t)start + pages * kPage);
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_UNMAP);
  char* area = Island(8, kReadWrite);
  Arm(u, area, 8 * kPage, kMissing);
  StartReader(&g_reader, u);
  MUST(munmap(area + 6 * kPage, 2 * kPage));
  CheckUnmapped(area + 6 * kPage, 2);
  Ok("munmap");

  StartReader(&g_reader, u);
  MUST(mmap(area + 4 * kPage, 2 * kPage, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  CheckUnmapped(area + 4 * kPage, 2);
  CHECK(!HasVmFlag(area + 4 * kPage, "um"));
  Ok("mmap over it");

  StartReader(&g_reader, u);
  CHECK_EQ(mremap(area, 4 * kPage, kPage, 0), area);
  CheckUnmapped(area + kPage, 3);
  Ok("mremap that shrinks");

  MUST(munmap(area + 4 * kPage, 2 * kPage));
  CHECK(!HasMessage(u));
  Ok("memory that is not registered is nobody's business");
  return 0;
}
