// A page in swap belongs to parent and child after a fork; each has a copy of
// its own from its first store on.
// Options: --swap 16M

#include "../swap.h"

enum { kPages = 32 };
static char* g_area;

static void CheckAndStore(void) {
  for (int i = 0; i < kPages; i++) {
    CHECK_EQ(g_area[i * kPage], i + 1);
    g_area[i * kPage] = 'c';
    CHECK_EQ(g_area[i * kPage + 1], i + 1);
  }
  PageOut(g_area, kPages);
  for (int i = 0; i < kPages; i++) CHECK_EQ(g_area[i * kPage], 'c');
}

static void CheckOwn(void) {
  for (int i = 0; i < kPages; i++) CHECK_EQ(g_area[i * kPage], i + 1);
}

static void OnlyLook(void) {
  CHECK_EQ(SmapsField(g_area, "Swap:"), kPages * kPage / 1024);
  CHECK_EQ(SmapsField(g_area, "SwapPss:"), kPages * kPage / 2048);
  CheckOwn();
}

int main(void) {
  NeedSwap(1024);
  g_area = Island(kPages, kReadWrite);
  MUST(madvise(g_area, kPages * kPage, MADV_NOHUGEPAGE));
  for (int i = 0; i < kPages; i++) memset(g_area + i * kPage, i + 1, kPage);
  PageOut(g_area, kPages);
  CHECK_EQ(RunChild(OnlyLook), 0);
  // What the child has read is still in the swap cache.
  CHECK_EQ(Resident(g_area, kPages), kPages);
  CheckOwn();
  PageOut(g_area, kPages);
  CHECK_EQ(RunChild(CheckAndStore), 0);
  CheckOwn();
  Ok("the child's stores are its own");

  // The child's share is gone: the parent stores in place.
  PageOut(g_area, kPages);
  for (int i = 0; i < kPages; i++) {
    g_area[i * kPage] = 'p';
    CHECK_EQ(g_area[i * kPage + 1], i + 1);
  }
  CHECK_EQ(SmapsField(g_area, "Swap:"), 0);
  Ok("the last sharer keeps the page");
  return 0;
}
