#ifndef FAULTLINE_TESTS_DIFFERENTIAL_MAPS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_MAPS_H_

// Reads /proc/self/maps.

#include "tests/differential/guest/world.h"

struct Vma {
  char *start, *end;
  const char* rest;  // from the permissions on
};

static inline unsigned long TakeHex(char** text) {
  unsigned long value = 0;
  for (;; ++*text) {
    char c = **text;
    if (c >= '0' && c <= '9') {
      value = value * 16 + (unsigned long)(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value * 16 + (unsigned long)(c - 'a' + 10);
    } else {
      return value;
    }
  }
}

// Cuts one line of /proc/self/maps; false if it is none of ours. The heap is
// shown from H on, as where it starts is another matter.
static inline bool TakeVma(char** text, struct Vma* vma) {
  vma->start = (char*)TakeHex(text);
  ++*text;
  vma->end = (char*)TakeHex(text);
  ++*text;
  vma->rest = *text;
  char* line_end = strchr(*text, '\n');
  *line_end = 0;
  *text = line_end + 1;
  if (vma->end > H && vma->start < H) vma->start = H;
  return (vma->start >= A - kBelow && vma->end <= A + arena_size) ||
         (vma->start >= H && vma->end <= H + kHeap);
}

static inline const char* SkipFields(const char* text, int fields) {
  while (fields-- > 0) {
    while (*text && *text != ' ') text++;
    while (*text == ' ') text++;
  }
  return text;
}

static inline size_t ReadMaps(char* text, size_t size) {
  int fd = open("/proc/self/maps", O_RDONLY);
  size_t used = 0;
  ssize_t n;
  while ((n = read(fd, text + used, size - 1 - used)) > 0) used += (size_t)n;
  close(fd);
  text[used] = 0;
  return used;
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_MAPS_H_
