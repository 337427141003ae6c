// Guards stay when pages are taken away, and go along when memory moves or is
// forked; they go with their mapping.
// Covers: guest_mm/calls/guard_regions.cc guest_mm/pgtable/zap.cc
#include "tests/abi/mm/guard.h"

static char* g_area;

static void InChild(void) {
  CHECK_GUARDED(g_area + kPage);
  CHECK_EQ(*g_area, 'x');
  Unguard(g_area, 2);
  CHECK_NO_FAULT(Write(g_area + kPage));
}

static void NotInChild(void) { CHECK_NO_FAULT(Write(g_area + kPage)); }

int main(void) {
  NeedGuards();
  char* area = g_area = Island(2, kReadWrite);
  memset(area, 'x', 2 * kPage);
  Guard(area + kPage, 1);
  CHECK_EQ(RunChild(InChild), 0);
  CHECK_GUARDED(area + kPage);
  Ok("fork");

  MUST(madvise(area, 2 * kPage, MADV_DONTNEED));
  MUST(madvise(area, 2 * kPage, MADV_FREE));
  MUST(madvise(area, 2 * kPage, MADV_COLD));
  MUST(madvise(area, 2 * kPage, MADV_PAGEOUT));
  MUST(madvise(area, 2 * kPage, MADV_WILLNEED));
  CHECK_GUARDED(area + kPage);
  Ok("advice");

  MUST(mprotect(area, 2 * kPage, PROT_READ));
  CHECK_FAULT(Write(area + kPage), SIGSEGV, SEGV_ACCERR, area + kPage);
  CHECK_FAULT(Read(area + kPage), SIGSEGV, SEGV_MAPERR, area + kPage);
  MUST(mprotect(area, 2 * kPage, kReadWrite));
  CHECK_GUARDED(area + kPage);
  Ok("mprotect");

  char* place = Island(2, kReadWrite);
  area = g_area = MUST(
      mremap(area, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, place));
  CHECK_NO_FAULT(Write(area));
  CHECK_GUARDED(area + kPage);
  char* moved = MUST(mremap(area, 2 * kPage, 2 * kPage,
                            MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
  CHECK_GUARDED(moved + kPage);
  CHECK_NO_FAULT(Write(area + kPage));
  Ok("mremap");

  Guard(area + kPage, 1);
  MUST(madvise(area, 2 * kPage, MADV_WIPEONFORK));
  CHECK_EQ(RunChild(NotInChild), 0);
  Ok("but not a wiped child");
  MUST(mmap(area, 2 * kPage, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  CHECK_NO_FAULT(Write(area + kPage));
  Ok("nor a new mapping");

  int file = LetterFile(2);
  char* shared = MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_SHARED, file, 0));
  char* copied = MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_PRIVATE, file, 0));
  char* readable = MUST(mmap(NULL, 2 * kPage, PROT_READ, MAP_SHARED, file, 0));
  Guard(shared, 1);
  Guard(copied, 1);
  Guard(readable, 1);
  MUST(madvise(shared, 2 * kPage, MADV_REMOVE));
  MUST(ftruncate(file, 0));
  MUST(ftruncate(file, 2 * kPage));
  CHECK_GUARDED(shared);
  CHECK_GUARDED(copied);
  CHECK_FAULT(Read(readable), SIGSEGV, SEGV_MAPERR, readable);
  CHECK_NO_FAULT(Write(shared + kPage));
  Unguard(shared, 1);
  CHECK_EQ(*shared, 0);
  Ok("a file's pages come and go beneath");
}
