// MADV_REMOVE frees the pages of the shared object behind the mapping.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  int file = LetterFile(3);
  char* map = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_SHARED, file, 0));
  MUST(madvise(map + kPage, kPage, MADV_REMOVE));
  CHECK_EQ(map[0], 'A');
  CHECK_EQ(map[kPage], 0);
  CHECK_EQ(map[2 * kPage], 'C');
  char byte;
  CHECK_EQ(pread(file, &byte, 1, kPage), 1);
  CHECK_EQ(byte, 0);
  Ok("the file has a hole");
  struct stat before, after;
  MUST(fstat(file, &before));
  usleep(20000);
  MUST(madvise(map + kPage, kPage, MADV_REMOVE));
  MUST(fstat(file, &after));
  CHECK(after.st_mtim.tv_sec > before.st_mtim.tv_sec ||
        after.st_mtim.tv_nsec > before.st_mtim.tv_nsec);
  Ok("and was modified then");
  char* own = Island(1, kReadWrite);
  CHECK_FAILS(madvise(own, kPage, MADV_REMOVE), EINVAL);
  Ok("anonymous memory has no object");

  // A hole before the first page's end unmaps all from there on: the end of
  // the last whole page in front of it is that of everything.
  int other = LetterFile(3);
  map = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_SHARED, other, 0));
  for (int i = 0; i < 3; i++) CHECK_NO_FAULT(Write(map + i * kPage + 99));
  CHECK_EQ(SmapsField(map, "Rss:"), 3 * kPage / 1024);
  MUST(fallocate(other, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 10, 5));
  CHECK_EQ(SmapsField(map, "Rss:"), kPage / 1024);
  CHECK_EQ(map[11], 0);
  CHECK_EQ(map[2 * kPage + 1], 'C');
  Ok("a small one in the first page unmaps what follows");
}
