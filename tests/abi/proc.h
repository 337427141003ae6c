#ifndef FAULTLINE_TESTS_ABI_PROC_H_
#define FAULTLINE_TESTS_ABI_PROC_H_

// Reading /proc/self.

#include <ctype.h>

#include "check.h"

// One line of /proc/self/maps.
struct MapsLine {
  char *start, *end;
  char perms[5];
  unsigned long offset, inode;
  char name[256];
};

// Fills `line` with the mapping that holds `address`; false if none does.
static inline bool FindMap(const void* address, struct MapsLine* line) {
  FILE* maps = fopen("/proc/self/maps", "r");
  CHECK(maps != NULL);
  char text[512];
  bool found = false;
  while (!found && fgets(text, sizeof text, maps)) {
    line->name[0] = 0;
    int fields = sscanf(text, "%p-%p %4s %lx %*x:%*x %lu %255[^\n]",
                        (void**)&line->start, (void**)&line->end, line->perms,
                        &line->offset, &line->inode, line->name);
    CHECK(fields >= 5);
    found = (char*)address >= line->start && (char*)address < line->end;
  }
  fclose(maps);
  return found;
}

// How many mappings overlap the `bytes` bytes from `start`.
static inline int CountMaps(char* start, size_t bytes) {
  FILE* maps = fopen("/proc/self/maps", "r");
  CHECK(maps != NULL);
  char text[512];
  int count = 0;
  while (fgets(text, sizeof text, maps)) {
    char *begin, *end;
    CHECK_EQ(sscanf(text, "%p-%p", (void**)&begin, (void**)&end), 2);
    count += begin < start + bytes && end > start;
  }
  fclose(maps);
  return count;
}

// The number after `field` ("VmLck:") in `file`; -1 if absent.
static inline long NumberIn(const char* file, const char* field) {
  FILE* f = fopen(file, "r");
  CHECK(f != NULL);
  char text[512];
  long value = -1;
  size_t n = strlen(field);
  while (fgets(text, sizeof text, f)) {
    if (strncmp(text, field, n) == 0 && isspace((unsigned char)text[n])) {
      CHECK_EQ(sscanf(text + n, "%ld", &value), 1);
    }
  }
  fclose(f);
  return value;
}
static inline long StatusField(const char* field) {
  return NumberIn("/proc/self/status", field);
}
static inline long Meminfo(const char* field) {
  return NumberIn("/proc/meminfo", field);
}
static inline long Vmstat(const char* field) {
  return NumberIn("/proc/vmstat", field);
}

// The number after `field` ("Rss:") of the mapping that starts at `start` in
// /proc/self/smaps; -1 if absent.
static inline long SmapsField(const void* start, const char* field) {
  FILE* smaps = fopen("/proc/self/smaps", "r");
  CHECK(smaps != NULL);
  char text[512];
  bool here = false;
  long value = -1;
  while (fgets(text, sizeof text, smaps)) {
    void *begin, *end;
    if (sscanf(text, "%p-%p ", &begin, &end) == 2) {
      here = begin == start;
    } else if (here && strncmp(text, field, strlen(field)) == 0) {
      CHECK_EQ(sscanf(text + strlen(field), "%ld", &value), 1);
    }
  }
  fclose(smaps);
  return value;
}

#endif  // FAULTLINE_TESTS_ABI_PROC_H_
