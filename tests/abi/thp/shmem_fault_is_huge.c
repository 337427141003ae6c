// Covers: guest_mm/file/mapping_add.cc
// A file of a tmpfs with huge=always comes in huge pages, which an aligned
// mapping maps whole, shared or, for reading, private.
#include "tests/abi/huge_file.h"

int main(void) {
  const long huge = (long)HugeSize();
  const long kb = huge / 1024;
  int fd = HugeFile(2);
  char* shared = MapHugeFile(fd, 2, MAP_SHARED);
  CHECK_EQ(shared[5 * kPage], 0);
  CHECK_EQ(FileHugeKb(shared), kb);
  CHECK_EQ(ResidentKb(shared), kb);
  CHECK_EQ(FileKb(fd), kb);
  shared[huge + 7] = 'x';
  CHECK_EQ(FileHugeKb(shared), 2 * kb);
  CHECK_EQ(FileKb(fd), 2 * kb);
  CHECK_EQ(Resident(shared, (size_t)(2 * huge / kPage)), 2 * huge / kPage);
  CHECK_EQ(HugeKb(shared), 0);
  Ok("a read and a store to a shared mapping");

  char byte = 0;
  CHECK_EQ(pread(fd, &byte, 1, huge + 7), 1);
  CHECK_EQ(byte, 'x');
  CHECK_EQ(pwrite(fd, "y", 1, huge + 8), 1);
  CHECK_EQ(shared[huge + 8], 'y');
  Ok("read and write see the same bytes");

  char* private = MapHugeFile(fd, 2, MAP_PRIVATE);
  CHECK_EQ(private[huge + 7], 'x');
  CHECK_EQ(FileHugeKb(private), kb);
  private[huge + 7] = 'p';
  CHECK_EQ(FileHugeKb(private), 0);
  CHECK_EQ(SmapsField(private, "Anonymous:"), kPage / 1024);
  CHECK_EQ(private[huge + 8], 'y');
  CHECK_EQ(shared[huge + 7], 'x');
  CHECK_EQ(FileHugeKb(shared), 2 * kb);
  Ok("a store to a private mapping copies one page");

  char* shifted = HugeArea(1);
  MUST(mmap(shifted, (size_t)huge, kReadWrite, MAP_SHARED | MAP_FIXED, fd,
            kPage));
  CHECK_EQ(shifted[huge - kPage + 7], 'x');
  CHECK_EQ(FileHugeKb(shifted), 0);
  CHECK(ResidentKb(shifted) > 0);
  Ok("where it does not fit it is mapped page by page");

  MUST(munmap(shared, (size_t)(2 * huge)));
  shared = MapHugeFile(fd, 2, MAP_SHARED);
  MUST(madvise(shared, (size_t)(2 * huge), MADV_NOHUGEPAGE));
  CHECK_EQ(shared[huge + 7], 'x');
  CHECK_EQ(FileHugeKb(shared), 0);
  Ok("MADV_NOHUGEPAGE");
}
