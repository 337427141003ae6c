// read and write report what was moved before the bad page; EFAULT only if
// nothing was. The position moves by what was reported.
// Covers: plugin/linux/fs/calls/read_write.cc plugin/linux/user_memory.cc
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(3);
  char* area = Island(2, kReadWrite);
  char* edge = area + kPage;
  MUST(mprotect(edge, kPage, PROT_NONE));
  CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
  CHECK_EQ(read(file, edge - 100, 1000), 100);
  CHECK_EQ(edge[-1], 'A');
  CHECK_EQ(lseek(file, 0, SEEK_CUR), 100);
  CHECK_FAILS(read(file, edge, 10), EFAULT);
  CHECK_EQ(lseek(file, 0, SEEK_CUR), 100);
  Ok("read from a file");

  memset(area, 'w', kPage);
  CHECK_EQ(pwrite(file, edge - 50, 1000, 0), 50);
  char text[60];
  CHECK_EQ(pread(file, text, sizeof text, 0), sizeof text);
  CHECK_EQ(text[49], 'w');
  CHECK_EQ(text[50], 'A');
  CHECK_FAILS(pwrite(file, edge, 10, 0), EFAULT);
  Ok("write to a file");

  int zero = MUST(open("/dev/zero", O_RDONLY));
  CHECK_EQ(read(zero, edge - 64, 100), 64);
  CHECK_EQ(edge[-1], 0);
  CHECK_FAILS(read(zero, edge, 100), EFAULT);
  Ok("read from /dev/zero");
}
