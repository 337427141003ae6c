// remap_file_pages puts other pages of the file into a window.
#include "tests/abi/memory.h"

int main(void) {
  char* map =
      MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, LetterFile(4), 0));
  MUST(remap_file_pages(map, kPage, 0, 3, 0));
  CHECK_EQ(map[0], 'D');
  CHECK_EQ(map[kPage], 'B');
  map[1] = 'x';
  CHECK_EQ(map[3 * kPage + 1], 'x');
  Ok("page 0 shows page 3");
  char* own = Island(1, kReadWrite);
  CHECK_FAILS(remap_file_pages(own, kPage, 0, 0, 0), EINVAL);
  Ok("shared mappings only");
}
