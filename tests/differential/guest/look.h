#ifndef FAULTLINE_TESTS_DIFFERENTIAL_LOOK_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_LOOK_H_

// What steps call that only look: at /proc/self/smaps, and PAGEMAP_SCAN.

#include <sys/ioctl.h>

#include "tests/differential/guest/maps.h"
#include "tests/differential/guest/text.h"

static inline unsigned long Mix(unsigned long hash, unsigned long value) {
  return (hash << 7 | hash >> 57) ^ value * 0x9e3779b97f4a7c15;
}

// PAGEMAP_SCAN of a range: a hash of where it ended and of the regions found,
// at most `max_pages` if that is not 0. It answers with all categories.
static inline long ScanPages(char* start, long size, long required,
                             long inverted, long any_of, long max_pages) {
  struct Region {
    uint64_t start, end, categories;
  } regions[32];
  struct {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t inverted, required, any_of, returned;
  } scan = {0};
  if (world == kHugePages || InHeap(start) || heap_moved) return 0;
  scan.size = sizeof scan;
  scan.start = (uintptr_t)start;
  scan.end = (uintptr_t)start + (size_t)size;
  scan.vec = (uintptr_t)regions;
  scan.vec_len = sizeof regions / sizeof regions[0];
  scan.max_pages = (uint64_t)max_pages;
  scan.inverted = (uint64_t)inverted;
  scan.required = (uint64_t)required;
  scan.any_of = (uint64_t)any_of;
  scan.returned = 0x7f;
  int fd = open("/proc/self/pagemap", O_RDONLY);
  long count =
      ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, 'f', 16, sizeof scan), &scan);
  int error = errno;
  close(fd);
  errno = error;
  if (count < 0) return -1;
  const uint64_t base = (uintptr_t)A;
  unsigned long hash = Mix(0, scan.walk_end - base);
  for (long i = 0; i < count; i++) {
    hash = Mix(hash, regions[i].start - base);
    hash = Mix(hash, regions[i].end - base);
    hash = Mix(hash, regions[i].categories);
  }
  return (long)(hash >> 8);
}

// Whether a line of smaps tells the same everywhere. "Referenced" is told by
// the processor, and what is resident is not for a world of huge pages.
static inline bool Determined(const char* line) {
  static const char* const kOften[] = {"Size:",
                                       "Rss:",
                                       "Pss:",
                                       "Pss_Dirty:",
                                       "Shared_Clean:",
                                       "Shared_Dirty:",
                                       "Private_Clean:",
                                       "Private_Dirty:",
                                       "Anonymous:",
                                       "AnonHugePages:",
                                       "Shared_Hugetlb:",
                                       "Swap:",
                                       "SwapPss:",
                                       "Locked:"};
  if (strncmp(line, "Size:", 5) == 0) return true;
  if (world == kHugePages) return false;
  for (size_t i = 0; i < sizeof kOften / sizeof kOften[0]; i++) {
    if (strncmp(line, kOften[i], strlen(kOften[i])) == 0) return true;
  }
  return false;
}

// A hash of the flags in a line of VmFlags, but for soft-dirty.
static inline unsigned long HashFlags(unsigned long hash, const char* flags) {
  for (; flags[0] && flags[1]; flags += flags[2] ? 3 : 2) {
    bool soft_dirty = flags[0] == 's' && flags[1] == 'd';
    if (!soft_dirty)
      hash = Mix(hash, (unsigned long)(flags[0] << 8 | flags[1]));
  }
  return hash;
}

// A hash of what smaps tells of the world's mappings.
static inline long Smaps(void) {
  static char text[1 << 18];
  int fd = open("/proc/self/smaps", O_RDONLY);
  size_t used = 0;
  ssize_t n;
  while ((n = read(fd, text + used, sizeof text - 1 - used)) > 0) {
    used += (size_t)n;
  }
  close(fd);
  text[used] = 0;
  unsigned long hash = 0;
  bool ours = false;
  struct Vma vma;
  for (char* at = text; at < text + used;) {
    char* line = at;
    if (*line >= 'a' || *line <= '9') {
      ours = TakeVma(&at, &vma);
      continue;
    }
    char* end = strchr(at, '\n');
    *end = 0;
    at = end + 1;
    if (!ours) continue;
    if (strncmp(line, "VmFlags: ", 9) == 0) hash = HashFlags(hash, line + 9);
    if (Determined(line)) {
      for (const char* c = line; *c; c++) {
        if (*c != ' ') hash = Mix(hash, (unsigned char)*c);
      }
    }
  }
  return (long)(hash >> 8);
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_LOOK_H_
