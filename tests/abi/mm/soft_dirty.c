// Soft-dirty: after "4" is written to clear_refs, pagemap's bit 55 says which
// pages were stored to since. Not every kernel keeps it.
// Covers: guest_mm/mm/clear_refs.cc guest_mm/mm/proc_pagemap.cc
#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static bool SoftDirty(const void* address) {
  int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
  uint64_t word = 0;
  CHECK_EQ(pread(fd, &word, sizeof word, (uintptr_t)address / kPage * 8), 8);
  close(fd);
  return word >> 55 & 1;
}

static void ClearSoftDirty(void) {
  int fd = MUST(open("/proc/self/clear_refs", O_WRONLY));
  CHECK_EQ(write(fd, "4", 1), 1);
  close(fd);
}

// The kernel keeps the bits. Here it does on x86-64, as Debian's does.
static bool Kept(void) {
  char* page = Island(1, kReadWrite);
  *page = 1;
  bool kept = SoftDirty(page);
#if defined(__x86_64__)
  if (IsFaultline()) CHECK(kept);
#elif defined(__aarch64__)
  CHECK(!kept);
#endif
  return kept;
}

static char* g_area;

static void InChild(void) {
  CHECK(!SoftDirty(g_area));
  CHECK(SoftDirty(g_area + kPage));
  *g_area = 1;
  CHECK(SoftDirty(g_area));
}

int main(void) {
  if (!Kept()) {
    ClearSoftDirty();
    Ok("nothing: this kernel does not keep it");
    return 0;
  }
  char* area = g_area = Island(4, kReadWrite);
  CHECK(SoftDirty(area));
  Ok("a new mapping is");
  *area = 1;
  ClearSoftDirty();
  CHECK(!SoftDirty(area));
  CHECK(!SoftDirty(area + kPage));
  CHECK_EQ(*area, 1);
  (void)*(volatile char*)(area + kPage);
  CHECK(!SoftDirty(area));
  CHECK(!SoftDirty(area + kPage));
  *area = 2;
  area[kPage] = 2;
  CHECK(SoftDirty(area));
  CHECK(SoftDirty(area + kPage));
  CHECK(!SoftDirty(area + 2 * kPage));
  Ok("a store, not a load");

  ClearSoftDirty();
  MUST(mprotect(area, 2 * kPage, PROT_READ));
  MUST(mprotect(area, 2 * kPage, kReadWrite));
  CHECK(!SoftDirty(area));
  *area = 3;
  CHECK(SoftDirty(area));
  Ok("mprotect does not hide a store");

  ClearSoftDirty();
  area[kPage] = 3;
  CHECK_EQ(RunChild(InChild), 0);
  CHECK(!SoftDirty(area));
  *area = 4;
  CHECK(SoftDirty(area));
  Ok("fork");

  char* place = Island(1, kReadWrite);
  ClearSoftDirty();
  char* moved =
      MUST(mremap(area, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, place));
  CHECK(SoftDirty(moved));
  Ok("a page that was moved is");

  ClearSoftDirty();
  MUST(mmap(moved, kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
            -1, 0));
  CHECK(SoftDirty(moved));
  Ok("and memory that was replaced");

  int file = LetterFile(4);
  char* shared = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, file, 0));
  shared[0] = 1;
  shared[kPage] = 1;
  ClearSoftDirty();
  (void)*(volatile char*)shared;
  (void)*(volatile char*)(shared + 2 * kPage);
  CHECK(!SoftDirty(shared));
  CHECK(!SoftDirty(shared + 2 * kPage));
  shared[0] = 2;
  shared[2 * kPage] = 2;
  CHECK(SoftDirty(shared));
  CHECK(!SoftDirty(shared + kPage));
  CHECK(SoftDirty(shared + 2 * kPage));
  MUST(mprotect(shared, 2 * kPage, PROT_READ));
  MUST(mprotect(shared, 2 * kPage, kReadWrite));
  CHECK(!SoftDirty(shared + kPage));
  shared[kPage] = 2;
  CHECK(SoftDirty(shared + kPage));
  Ok("shared memory");

  char* copied = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_PRIVATE, file, 0));
  ClearSoftDirty();
  (void)*(volatile char*)copied;
  CHECK(!SoftDirty(copied));
  *copied = 1;
  CHECK(SoftDirty(copied));
  Ok("a private copy");

  sbrk(2 * kPage);
  char* end = (char*)sbrk(0);
  ClearSoftDirty();
  CHECK(!SoftDirty(end - kPage));
  sbrk(kPage);
  CHECK(SoftDirty(end));
  Ok("the break");
}
