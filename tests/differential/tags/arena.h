#ifndef FAULTLINE_TESTS_DIFFERENTIAL_TAGS_ARENA_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_TAGS_ARENA_H_

// The memory that a program works on: two pages with tags, one without,
// nothing, one with tags that is read-only, and nothing for a megabyte on both
// sides. docs/deviations.md tells why memory without tags does not end where
// memory with tags begins.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/differential/guest/random.h"

enum {
  kPage = 4096,
  kGranule = 16,
  kTagged = 2 * kPage,    // bytes with tags that a program may change
  kReadOnly = 4 * kPage,  // where that page is
  kArena = kReadOnly + kPage,
  kAround = 1 << 20,
  kProtTags = 0x20,
  kFileSize = kPage,
  kFile = 30,  // its descriptor
};
#define ARENA 0x500000000ul

static unsigned char arena_tags[kArena / kGranule];  // as a program finds them

__attribute__((noreturn)) static inline void Die(const char* what) {
  perror(what);
  exit(2);
}

static inline unsigned char* At(unsigned long offset) {
  return (unsigned char*)(ARENA + offset);
}

static inline void StoreTagAt(unsigned long offset, unsigned tag) {
  __asm__ volatile(".arch armv8.5-a+memtag\n\tstg %0, [%0]" ::"r"(
                       ARENA + offset + ((uint64_t)tag << 56))
                   : "memory");
}
static inline unsigned LoadTagAt(unsigned long offset) {
  uint64_t pointer = ARENA + offset;
  __asm__ volatile(".arch armv8.5-a+memtag\n\tldg %0, [%0]" : "+r"(pointer));
  return pointer >> 56 & 15;
}

static inline void Map(unsigned long offset, size_t size, int protection,
                       int sharing) {
  if (mmap(At(offset), size, protection, sharing | MAP_ANONYMOUS | MAP_FIXED,
           -1, 0) == MAP_FAILED) {
    Die("mmap");
  }
}

static inline void MakeArena(void) {
  if (mmap(At(-(unsigned long)kAround), 2 * kAround, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE,
           -1, 0) == MAP_FAILED) {
    Die("mmap");
  }
  Map(2 * kPage, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  Map(kReadOnly, kPage, PROT_READ | PROT_WRITE | kProtTags, MAP_PRIVATE);
  struct Random r = RandomOf(0, 0);
  for (int i = 0; i < kPage; i += 8) {
    *(uint64_t*)At((unsigned long)kReadOnly + i) = Next(&r);
  }
  for (int i = kReadOnly; i < kArena; i += kGranule) {
    arena_tags[i / kGranule] = (unsigned char)(i % 3 ? 5 : 9);
    StoreTagAt(i, arena_tags[i / kGranule]);
  }
  mprotect(At(kReadOnly), kPage, PROT_READ | kProtTags);
  const int file = memfd_create("file", 0);
  unsigned char bytes[kFileSize];
  for (int i = 0; i < kFileSize; i++) bytes[i] = (unsigned char)Next(&r);
  if (write(file, bytes, sizeof bytes) != sizeof bytes) Die("write");
  dup2(file, kFile);
}

// Runs of a tag, as an allocator leaves them, or one tag for all.
static inline void ChooseTags(struct Random* r, unsigned long page,
                              int uniform) {
  unsigned tag = (unsigned)Below(r, 16);
  for (int i = 0; i < kPage / kGranule; i++) {
    if (!uniform && OneIn(r, 4)) tag = (unsigned)Below(r, 16);
    arena_tags[page / kGranule + i] = (unsigned char)tag;
  }
}

static inline void FillArena(uint64_t seed) {
  struct Random r = RandomOf(seed, 1ull << 40);
  // Tags that are 0 are those of fresh memory.
  Map(0, kTagged, PROT_READ | PROT_WRITE | kProtTags,
      OneIn(&r, 4) ? MAP_SHARED : MAP_PRIVATE);
  for (int i = 0; i < 3 * kPage; i += 8) *(uint64_t*)At(i) = Next(&r);
  // Not one tag for the first page and another for the second: see above.
  const int uniform = (int)Below(&r, 3);
  ChooseTags(&r, 0, uniform == 0);
  ChooseTags(&r, kPage, uniform == 1);
  for (int i = 0; i < kTagged; i += kGranule) {
    if (arena_tags[i / kGranule]) StoreTagAt(i, arena_tags[i / kGranule]);
  }
}

static inline uint64_t HashOf(uint64_t hash, const void* from, size_t size) {
  for (size_t i = 0; i < size; i++) {
    hash = (hash ^ ((const unsigned char*)from)[i]) * 0x100000001b3;
  }
  return hash;
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_TAGS_ARENA_H_
