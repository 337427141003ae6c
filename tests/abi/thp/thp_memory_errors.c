// A huge page in which memory fails is split first: only the page that is hit
// is lost, or moves.
// Covers: guest_mm/calls/memory_error.cc guest_mm/calls/soft_offline.cc

#include "tests/abi/huge.h"
#include "tests/abi/hwpoison.h"

int main(void) {
  if (!CanPoison()) return 0;
  HandleErrors();
  const size_t huge = HugeSize();
  char* area = HugeArea(2);
  MUST(madvise(area, 2 * huge, MADV_HUGEPAGE));
  memset(area, 't', 2 * huge);
  CHECK_EQ(HugeKb(area), 2 * (long)huge / 1024);
  const long before = Corrupted(), split = Vmstat("thp_split_page");

  CheckPoison(area + 3 * kPage, 12);
  CheckLost(area + 3 * kPage, 12);
  CHECK_EQ(area[2 * kPage], 't');
  CHECK_EQ(area[4 * kPage], 't');
  CHECK_EQ(area[huge - 1], 't');
  CHECK_EQ(Corrupted() - before, 1);
  CHECK_EQ(Vmstat("thp_split_page") - split, 1);
  Ok("a page of it is lost");

  char* second = area + huge;
  const uint64_t old = FrameOf(second + 5 * kPage);
  // One page for each huge page in the range.
  MUST(madvise(second + 5 * kPage, 3 * kPage, kSoftOffline));
  CHECK_EQ(Corrupted() - before, 2);
  CHECK(FrameOf(second + 5 * kPage) != old);
  for (size_t i = 0; i < huge; i += kPage) CHECK_EQ(second[i], 't');
  CHECK_EQ(Vmstat("thp_split_page") - split, 2);
  CHECK_EQ(HugeKb(area), 0);
  Ok("a page of it moves");
}
