// A memfd in huge pages: whole pages or EINVAL; read(2) but no write(2);
// fallocate gets pages and gives them back; seals.
// Covers: guest_mm/hugetlb/hugetlb_file.cc plugin/linux/fs/hugetlbfs.cc
// Covers: plugin/linux/fs/seals.cc plugin/linux/fs/calls/memfd_calls.cc

#include <linux/falloc.h>

#include "tests/abi/hugetlb.h"

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4u
#endif

static void Body(void) {
  const size_t huge = Huge();
  int fd = MUST(memfd_create("big", MFD_HUGETLB | MFD_ALLOW_SEALING));
  struct stat st;
  MUST(fstat(fd, &st));
  CHECK_EQ(st.st_blksize, huge);
  CHECK_FAILS(ftruncate(fd, kPage), EINVAL);
  MUST(ftruncate(fd, 2 * huge));
  CHECK_POOL(4, 0);  // a size promises nothing
  CHECK_FAILS(write(fd, "x", 1), EINVAL);
  char buffer[16] = "................";
  CHECK_EQ(pread(fd, buffer, 16, huge - 8), 16);
  CHECK_EQ(buffer[0] | buffer[15], 0);  // a hole
  CHECK_POOL(4, 0);
  Ok("sized and read");

  char* p = (char*)MUST(mmap(NULL, 2 * huge, kReadWrite, MAP_SHARED, fd, 0));
  CHECK_POOL(4, 2);
  struct MapsLine line;
  CHECK(FindMap(p, &line));
  CHECK(strstr(line.name, "/memfd:big (deleted)") != NULL);
  memcpy(p + huge - 3, "abcdef", 6);
  CHECK_EQ(pread(fd, buffer, 6, huge - 3), 6);
  CHECK(memcmp(buffer, "abcdef", 6) == 0);
  CHECK_EQ(read(fd, buffer, 3), 3);
  CHECK_EQ(buffer[0], 0);
  CHECK_EQ(lseek(fd, 0, SEEK_END), 2 * huge);
  CHECK_EQ(read(fd, buffer, 3), 0);
  MUST(fstat(fd, &st));
  CHECK_EQ(st.st_blocks, 2 * huge / 512);
  CHECK_POOL(2, 0);
  CHECK_FAILS(mmap(NULL, huge, kReadWrite, MAP_SHARED, fd, kPage), EINVAL);
  Ok("mapped");

  MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, huge));
  CHECK_POOL(3, 0);
  CHECK_EQ(p[huge - 1], 0);  // and is there again
  CHECK_EQ(p[huge], 'd');
  MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, huge, 2));
  CHECK_EQ(p[huge], 0);
  CHECK_EQ(p[huge + 1], 0);
  CHECK_EQ(p[huge + 2], 'f');
  MUST(fallocate(fd, 0, 0, 3 * huge));
  CHECK_POOL(1, 0);
  CHECK_FAILS(fallocate(fd, 0, 0, 5 * huge), ENOSPC);
  CHECK_FAILS(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, huge), EOPNOTSUPP);
  Ok("fallocate");

  MUST(ftruncate(fd, huge));
  CHECK_POOL(3, 0);
  CHECK_FAULT(Read(p + huge), SIGBUS, BUS_ADRERR, p + huge);
  // A private mapping has its own copy of what it stores to.
  char* q = (char*)MUST(mmap(NULL, huge, kReadWrite, MAP_PRIVATE, fd, 0));
  CHECK_POOL(3, 1);
  p[0] = 's';
  CHECK_EQ(q[0], 's');
  q[0] = 'p';
  CHECK_EQ(p[0], 's');
  CHECK_POOL(2, 0);
  MUST(munmap(q, huge));
  CHECK_POOL(3, 0);
  Ok("truncated, and mapped privately");

  CHECK_FAILS(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
  MUST(munmap(p, 2 * huge));
  CHECK_POOL(3, 0);  // the file keeps its page
  MUST(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK));
  CHECK_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
  CHECK_FAILS(ftruncate(fd, 0), EPERM);
  CHECK_FAILS(ftruncate(fd, 2 * huge), EPERM);
  CHECK_FAILS(fallocate(fd, 0, 0, 2 * huge), EPERM);
  CHECK_FAILS(
      fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, huge),
      EPERM);
  CHECK_FAILS(mmap(NULL, huge, kReadWrite, MAP_SHARED, fd, 0), EPERM);
  close(fd);
  CHECK_POOL(4, 0);
  CHECK_FAILS(memfd_create("x", MFD_HUGETLB | 63u << 26), ENODEV);
  CHECK_FAILS(memfd_create("x", 21u << 26), EINVAL);
  Ok("seals");
}

int main(void) { return WithPool(4, Body); }
