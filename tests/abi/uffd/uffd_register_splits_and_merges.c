// Registration splits a mapping where it begins and ends; equal neighbours
// merge again, also when it ends.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(8, kReadWrite);
  Arm(u, area + 2 * kPage, 2 * kPage, kMissing);
  CHECK_EQ(CountMaps(area, 8 * kPage), 3);
  struct MapsLine line;
  CHECK(FindMap(area + 2 * kPage, &line));
  CHECK_EQ(line.start, area + 2 * kPage);
  CHECK_EQ(line.end, area + 4 * kPage);
  Ok("a part becomes a mapping of its own");

  Arm(u, area + 4 * kPage, kPage, kMissing);
  CHECK_EQ(CountMaps(area, 8 * kPage), 3);
  Arm(u, area + 5 * kPage, kPage, kWp);
  CHECK_EQ(CountMaps(area, 8 * kPage), 4);
  Arm(u, area + 5 * kPage, kPage, kMissing);
  CHECK_EQ(CountMaps(area, 8 * kPage), 3);
  Ok("the same mode merges, another does not");

  Arm(u, area, 8 * kPage, kMissing);
  CHECK_EQ(CountMaps(area, 8 * kPage), 1);
  CHECK_EQ(Unregister(u, area + kPage, 6 * kPage), 0);
  CHECK_EQ(CountMaps(area, 8 * kPage), 3);
  CHECK_EQ(Unregister(u, area, 8 * kPage), 0);
  CHECK_EQ(CountMaps(area, 8 * kPage), 1);
  Ok("UNREGISTER splits and merges too");

  Arm(u, area + 3 * kPage, kPage, kMissing);
  MUST(close(u));
  CHECK(!HasVmFlag(area + 3 * kPage, "um"));
  u = Uffd(0);
  Arm(u, area, 8 * kPage, kMissing);
  CHECK_EQ(CountMaps(area, 8 * kPage), 1);
  Ok("the last close unregisters");
  return 0;
}
