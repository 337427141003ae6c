// UFFDIO_MOVE (6.8): the page itself goes from the source to the missing
// destination; nothing is copied, and the source is empty.

#include "tests/abi/uffd_threads.h"

static uint64_t Frame(const void* address) {
  return PagemapWord(address) & ((1ull << 55) - 1);
}

int main(void) {
  int u = Uffd(kFeatureMove);
  char* area = Island(4, kReadWrite);
  char* src = Island(4, kReadWrite);
  for (int i = 0; i < 4; i++) memset(src + i * kPage, 'a' + i, kPage);
  Arm(u, area, 4 * kPage, kMissing);
  const uint64_t frame = Frame(src);
  struct Toucher t;
  StartLoad(&t, area + 3);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK_DONE(Move(u, area, src, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'a');
  CHECK_EQ(Frame(area), frame);
  CHECK(!IsPresent(src));
  CHECK_EQ(src[0], 0);
  Ok("one page, for a waiting thread");

  StartStore(&t, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kStoreFlags);
  CHECK_DONE(Move(u, area + kPage, src + kPage, 3 * kPage, kDontWake),
             3 * kPage);
  CHECK(StillWaits(&t));
  CHECK_EQ(area[3 * kPage], 'd');
  CHECK_EQ(Wake(u, area + kPage, kPage), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(area[kPage + 1], 'b');
  Ok("three, with DONTWAKE");

  CHECK_EQ(SmapsField(area, "Rss:"), 16);
  area[2 * kPage] = 'x';
  CHECK(!HasMessage(u));
  Ok("they are the destination's now");
  return 0;
}
