// The offset chooses the page; mappings of the same file at different offsets
// merge only where the offsets run on.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  int file = LetterFile(8);
  char* map =
      MUST(mmap(NULL, 2 * kPage, PROT_READ, MAP_SHARED, file, 5 * kPage));
  CHECK_EQ(map[0], 'F');
  CHECK_EQ(map[kPage], 'G');
  struct MapsLine line;
  CHECK(FindMap(map, &line));
  CHECK_EQ(line.offset, 5 * kPage);
  Ok("the page at the offset");

  char* area = Island(3, PROT_NONE);
  for (int i = 0; i < 3; i++) {
    int letter = i == 2 ? 6 : i + 1;  // B, C, then G
    MUST(mmap(area + i * kPage, kPage, PROT_READ, MAP_SHARED | MAP_FIXED, file,
              letter * kPage));
  }
  CHECK_EQ(CountMaps(area, 3 * kPage), 2);
  CHECK(FindMap(area, &line));
  CHECK_EQ(line.end - line.start, 2 * kPage);
  CHECK_EQ(area[0], 'B');
  CHECK_EQ(area[2 * kPage], 'G');
  Ok("consecutive offsets merge, others do not");
}
