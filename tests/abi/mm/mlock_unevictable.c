// Locked pages are out of reclaim's sight: /proc/meminfo counts them as locked
// and unevictable, /proc/kpageflags says which they are, /proc/vmstat how they
// came and went.
// Covers: guest_mm/rmap/mlock_folio.cc

#include "tests/abi/hwpoison.h"

enum { kPages = 64, kKpfMlocked = 33 };
static const long kKb = kPages * kPage / 1024;

static bool IsUnevictable(const void* page) {
  const uint64_t flags = FlagsOf(FrameOf(page));
  CHECK_EQ(flags >> kKpfUnevictable & 1, flags >> kKpfMlocked & 1);
  return flags >> kKpfUnevictable & 1;
}

// Linux changes lists a batch at a time, and counts for each CPU by itself:
// MADV_COLD empties the batches, stat_refresh adds up the counts.
static void Drain(void) {
  static char* any;
  if (any == NULL) any = Island(1, kReadWrite);
  *any = 1;
  MUST(madvise(any, kPage, MADV_COLD));
  int refresh = open("/proc/sys/vm/stat_refresh", O_RDONLY);
  if (refresh >= 0) {
    char byte;
    (void)!read(refresh, &byte, 1);
    close(refresh);
  }
}

int main(void) {
  // At least: others may lock memory, too.
  const long mlocked = Vmstat("unevictable_pgs_mlocked");
  const long munlocked = Vmstat("unevictable_pgs_munlocked");
  char* area = Island(kPages, kReadWrite);
  memset(area, 1, kPages * kPage);
  Drain();
  long locked = Meminfo("Mlocked:");
  MUST(mlock(area, kPages * kPage));
  Drain();
  CHECK(Meminfo("Mlocked:") >= locked + kKb);
  CHECK(Meminfo("Unevictable:") >= kKb);
  CHECK(Vmstat("nr_mlock") >= kPages);
  CHECK(Vmstat("unevictable_pgs_mlocked") >= mlocked + kPages);
  CHECK(IsUnevictable(area));
  CHECK(IsUnevictable(area + (kPages - 1) * kPage));
  MUST(munlock(area, kPages * kPage));
  Drain();
  CHECK(Meminfo("Mlocked:") < locked + kKb);
  CHECK(Vmstat("unevictable_pgs_munlocked") >= munlocked + kPages);
  CHECK(!IsUnevictable(area));
  Ok("what is there is locked, and unlocked");

  // What comes later, too.
  char* later = Island(kPages, kReadWrite);
  MUST(mlock2(later, kPages * kPage, MLOCK_ONFAULT));
  later[0] = 1;
  Drain();
  CHECK(IsUnevictable(later));
  later[kPage] = 1;
  Drain();
  locked = Meminfo("Mlocked:");
  MUST(munmap(later, kPages * kPage));
  Drain();
  CHECK(Meminfo("Mlocked:") <= locked - 2 * kPage / 1024);
  Ok("when it is touched; until it is unmapped");

  // Two mappings: the page is locked as long as one is.
  int file = LetterFile(1);
  char* one = (char*)MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, file, 0));
  char* two = (char*)MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, file, 0));
  CHECK_EQ(*one, *two);
  MUST(mlock(one, kPage));
  MUST(mlock(two, kPage));
  Drain();
  CHECK(IsUnevictable(one));
  MUST(munlock(one, kPage));
  Drain();
  CHECK(IsUnevictable(one));
  MUST(munmap(two, kPage));
  Drain();
  CHECK(!IsUnevictable(one));
  Ok("shared");

  // The copy is locked instead of the original.
  char* copy = Island(1, kReadWrite);
  *copy = 1;
  MUST(mlock(copy, kPage));
  int status = 0;
  pid_t child = MUST(fork());
  if (child == 0) {
    CHECK_EQ(*copy, 1);
    _exit(0);
  }
  CHECK_EQ(MUST(waitpid(child, &status, 0)), child);
  CHECK_EQ(status, 0);
  Drain();
  CHECK(IsUnevictable(copy));
  MUST(madvise(area, kPages * kPage, MADV_PAGEOUT));
  Ok("across fork");
}
