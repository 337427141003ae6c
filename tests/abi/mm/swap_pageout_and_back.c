// MADV_PAGEOUT sends private anonymous memory to swap, where pagemap, smaps and
// status see it; a touch brings it back as it was, by major faults.
// Options: --swap 16M

#include <sys/resource.h>

#include "../swap.h"

enum { kPages = 64 };

static uint64_t PagemapWord(void* address) {
  int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
  uint64_t word = 0;
  CHECK_EQ(pread(fd, &word, 8, (off_t)((uintptr_t)address / kPage * 8)), 8);
  close(fd);
  return word;
}

static long MajorFaults(void) {
  struct rusage usage;
  MUST(getrusage(RUSAGE_SELF, &usage));
  return usage.ru_majflt;
}

static void Fill(char* area) {
  for (int i = 0; i < kPages; i++) memset(area + i * kPage, i + 1, kPage);
}
static void CheckFilled(char* area) {
  for (int i = 0; i < kPages; i++) {
    CHECK_EQ((unsigned char)area[i * kPage], i + 1);
    CHECK_EQ((unsigned char)area[i * kPage + kPage - 1], i + 1);
  }
}

int main(void) {
  NeedSwap(1024);
  char* area = Island(kPages, kReadWrite);
  MUST(madvise(area, kPages * kPage, MADV_NOHUGEPAGE));
  Fill(area);
  CHECK_EQ(PagemapWord(area) >> 62, 2);
  PageOut(area, kPages);
  uint64_t word = PagemapWord(area + 3 * kPage);
  CHECK_EQ(word >> 62, 1);
  CHECK((word & ((1ull << 55) - 1)) != 0);
  CHECK_EQ(SmapsField(area, "Swap:"), kPages * kPage / 1024);
  CHECK_EQ(SmapsField(area, "SwapPss:"), kPages * kPage / 1024);
  CHECK_EQ(SmapsField(area, "Rss:"), 0);
  CHECK(StatusField("VmSwap:") >= kPages * kPage / 1024);
  Ok("pages are in swap");

  long before = MajorFaults();
  CheckFilled(area);
  CHECK(MajorFaults() > before);
  CHECK_EQ(Resident(area, kPages), kPages);
  CHECK_EQ(SmapsField(area, "Swap:"), 0);
  Ok("they come back as they were");

  for (int round = 0; round < 3; round++) {
    area[round * kPage] = 'x';
    PageOut(area, kPages);
    CHECK_EQ(area[round * kPage], 'x');
    area[round * kPage] = (char)(round + 1);
  }
  CheckFilled(area);
  Ok("what is stored between two trips is not lost");

  PageOut(area, kPages);
  MUST(mprotect(area, kPages * kPage, PROT_READ));
  CHECK_EQ(area[0], 1);
  CHECK_FAULT(Write(area), SIGSEGV, SEGV_ACCERR, area);
  CHECK_FAULT(Write(area + kPage), SIGSEGV, SEGV_ACCERR, area + kPage);
  MUST(mprotect(area, kPages * kPage, kReadWrite));
  PageOut(area, kPages);
  char* to = Island(kPages, PROT_NONE);
  CHECK_EQ(mremap(area, kPages * kPage, kPages * kPage,
                  MREMAP_MAYMOVE | MREMAP_FIXED, to),
           to);
  CHECK_EQ(SmapsField(to, "Swap:"), kPages * kPage / 1024);
  CheckFilled(to);
  Ok("rights and places change in swap as in memory");

  PageOut(to, kPages);
  MUST(madvise(to, 8 * kPage, MADV_DONTNEED));
  MUST(madvise(to + 8 * kPage, 8 * kPage, MADV_FREE));
  MUST(munmap(to + 16 * kPage, 8 * kPage));
  CHECK_EQ(SmapsField(to, "Swap:"), 0);
  CHECK_EQ(SmapsField(to + 24 * kPage, "Swap:"), (kPages - 24) * kPage / 1024);
  CHECK_EQ(to[0], 0);
  CHECK_EQ(to[8 * kPage], 0);
  CHECK_EQ((unsigned char)to[24 * kPage], 25);
  Ok("what is dropped is gone from swap");
  return 0;
}
