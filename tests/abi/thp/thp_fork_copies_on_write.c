// fork shares huge pages; a store then copies one base page of it, and the
// one who is left has it to himself again.
#include "tests/abi/huge.h"

static char* g_area;
static long g_huge;

static void Child(void) {
  CHECK_EQ(HugeKb(g_area), g_huge / 1024);
  CHECK_EQ(SmapsField(g_area, "Pss:"), g_huge / 2048);
  CHECK_EQ(SmapsField(g_area, "Shared_Dirty:"), g_huge / 1024);
  g_area[kPage] = 'c';
  CHECK_EQ(HugeKb(g_area), 0);
  CHECK_EQ(ResidentKb(g_area), g_huge / 1024);
  CHECK_EQ(SmapsField(g_area, "Private_Dirty:"), kPage / 1024);
  CHECK_EQ(g_area[0], 'p');
  CHECK_EQ(g_area[kPage], 'c');
}

int main(void) {
  g_huge = HugeSize();
  g_area = HugeArea(1);
  memset(g_area, 'p', g_huge);
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(g_area[kPage], 'p');
  CHECK_EQ(HugeKb(g_area), g_huge / 1024);
  Ok("the child copies");
  g_area[kPage] = 'q';
  CHECK_EQ(HugeKb(g_area), g_huge / 1024);
  CHECK_EQ(SmapsField(g_area, "Private_Dirty:"), g_huge / 1024);
  Ok("the parent goes on");
}
