// /dev/null, zero, full, urandom.
// Covers: plugin/linux/fs/mem_devices.cc plugin/linux/fs/populate.cc
#include <sys/sysmacros.h>

#include "tests/abi/memory.h"

int main(void) {
  char buffer[64];
  int null = MUST(open("/dev/null", O_RDWR));
  CHECK_EQ(read(null, buffer, sizeof buffer), 0);
  CHECK_EQ(write(null, buffer, sizeof buffer), sizeof buffer);
  struct stat st;
  MUST(fstat(null, &st));
  CHECK(S_ISCHR(st.st_mode));
  CHECK_EQ(st.st_rdev, makedev(1, 3));
  int full = MUST(open("/dev/full", O_RDWR));
  CHECK_FAILS(write(full, "x", 1), ENOSPC);
  Ok("null, full");
  int zero = MUST(open("/dev/zero", O_RDWR));
  memset(buffer, 'x', sizeof buffer);
  CHECK_EQ(read(zero, buffer, sizeof buffer), sizeof buffer);
  for (size_t i = 0; i < sizeof buffer; i++) CHECK_EQ(buffer[i], 0);
  char* map = MUST(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, zero, 0));
  CHECK_EQ(map[100], 0);
  map[0] = 'x';
  char* again = MUST(mmap(NULL, kPage, kReadWrite, MAP_PRIVATE, zero, 0));
  CHECK_EQ(again[0], 0);
  Ok("zero, read and mapped");
  int random = MUST(open("/dev/urandom", O_RDONLY));
  char other[64];
  CHECK_EQ(read(random, buffer, 64), 64);
  CHECK_EQ(read(random, other, 64), 64);
  CHECK(memcmp(buffer, other, 64) != 0);
  Ok("urandom");
}
