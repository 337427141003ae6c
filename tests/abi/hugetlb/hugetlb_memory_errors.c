// A memory error in a huge page of a pool takes all of it: SIGBUS tells its
// size. Anonymous memory's leaves the pool, and of it only the page that was
// hit is out of use; a file's stays, used by nobody. Soft offline moves it
// within the pool.
// Covers: guest_mm/hugetlb/huge_page_error.cc

#include "tests/abi/hugetlb.h"
#include "tests/abi/hwpoison.h"

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4u
#endif

static int Log2(size_t bytes) { return __builtin_ctzl(bytes); }

static void Body(void) {
  const size_t huge = Huge();
  const int lsb = Log2(huge);
  HandleErrors();
  char* p = MapHuge(2, kHugeFlags);
  memset(p, 'h', 2 * huge);
  CHECK_EQ(Total(), 6);
  CHECK_POOL(4, 0);
  const long before = Corrupted(), migrated = Vmstat("pgmigrate_success");
  const uint64_t old = FrameOf(p);
  MUST(madvise(p + 5 * kPage, kPage, kSoftOffline));
  CHECK(FrameOf(p) != old);
  CHECK(FlagsOf(old + 5) >> kKpfHwPoison & 1);
  CHECK(!(FlagsOf(old + 4) >> kKpfHuge & 1));
  for (size_t i = 0; i < huge; i += kPage) CHECK_EQ(p[i], 'h');
  p[0] = 'x';
  CHECK_EQ(Total(), 5);
  CHECK_POOL(3, 0);
  CHECK_EQ(Corrupted() - before, 1);
  CHECK_EQ(Vmstat("pgmigrate_success") - migrated, (long)(huge / kPage));
  Ok("one moves to another of the pool");

  char* q = p + huge;
  CheckPoison(q + 5 * kPage, lsb);
  CheckLost(q + 6 * kPage, lsb);
  CheckLost(q, lsb);
  CHECK_EQ(p[0], 'x');
  CHECK_EQ(Total(), 4);
  CHECK_POOL(3, 0);
  CHECK_EQ(Corrupted() - before, 2);
  CHECK_FAILS(madvise(q, kPage, kHwPoison), EFAULT);
  MUST(munmap(p, 2 * huge));
  CHECK_POOL(4, 0);
  CHECK_EQ(Total(), 4);
  Ok("one is lost");

  // A file keeps it: what is left of it can be read by calls.
  int fd = MUST(memfd_create("h", MFD_HUGETLB));
  MUST(ftruncate(fd, (off_t)(2 * huge)));
  p = (char*)MUST(mmap(NULL, 2 * huge, kReadWrite, MAP_SHARED, fd, 0));
  memset(p, 'f', 2 * huge);
  CHECK_POOL(2, 0);
  CheckPoison(p + 5 * kPage, lsb);
  CheckLost(p, lsb);
  CHECK_EQ(p[huge], 'f');
  CHECK_EQ(Total(), 4);
  char bytes[2 * kPage];
  CHECK_EQ(pread(fd, bytes, kPage, 0), kPage);
  CHECK_EQ(bytes[0], 'f');
  CHECK_EQ(pread(fd, bytes, 2 * kPage, 4 * kPage), kPage);
  CHECK_FAILS(pread(fd, bytes, kPage, 5 * kPage), EIO);
  CHECK_EQ(pread(fd, bytes, kPage, 6 * kPage), kPage);
  char* other = (char*)MUST(mmap(NULL, huge, kReadWrite, MAP_SHARED, fd, 0));
  CheckLost(other, lsb);
  MUST(munmap(other, huge));
  MUST(ftruncate(fd, 0));
  CHECK_POOL(3, 0);
  MUST(munmap(p, 2 * huge));
  close(fd);
  CHECK_EQ(Total(), 4);  // the lost one stays as it is, for ever
  CHECK_POOL(3, 0);
  CHECK_EQ(Corrupted() - before, 3);
  Ok("of a file");

  p = MapHuge(3, kHugeFlags);
  memset(p, 'n', 3 * huge);
  CHECK_POOL(0, 0);
  MUST(madvise(p, kPage, kSoftOffline));
  CHECK_EQ(p[0], 'n');
  CHECK_EQ(Total(), 4);
  CHECK_EQ(Surplus(), 0);
  CHECK_POOL(0, 0);
  MUST(munmap(p, 3 * huge));
  CHECK_EQ(Total(), 4);
  CHECK_POOL(3, 0);
  Ok("to one that is added, if the pool has none");
}

int main(void) { return CanPoison() ? WithPool(6, Body) : 0; }
