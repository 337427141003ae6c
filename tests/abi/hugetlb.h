#ifndef FAULTLINE_TESTS_ABI_HUGETLB_H_
#define FAULTLINE_TESTS_ABI_HUGETLB_H_

// A pool of huge pages to test with. WithPool() sets it up, runs the test in a
// child, and leaves the machine as it was, whatever became of the test. A
// machine that does not have the memory is no reason to fail.

#include <sys/file.h>

#include "memory.h"
#include "proc.h"

enum { kHugeFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB };

// The number after `label` ("HugePages_Free:") in /proc/meminfo.
static inline long MeminfoField(const char* label) {
  FILE* f = fopen("/proc/meminfo", "r");
  CHECK(f != NULL);
  char line[256];
  long value = -1;
  while (fgets(line, sizeof line, f)) {
    if (strncmp(line, label, strlen(label)) == 0) {
      CHECK_EQ(sscanf(line + strlen(label), "%ld", &value), 1);
    }
  }
  fclose(f);
  return value;
}
static inline long Total(void) { return MeminfoField("HugePages_Total:"); }
static inline long Free(void) { return MeminfoField("HugePages_Free:"); }
static inline long Reserved(void) { return MeminfoField("HugePages_Rsvd:"); }
static inline long Surplus(void) { return MeminfoField("HugePages_Surp:"); }
// Bytes of a huge page.
static inline size_t Huge(void) {
  return (size_t)MeminfoField("Hugepagesize:") << 10;
}

static inline void WriteVm(const char* knob, long value) {
  char path[64], text[32];
  snprintf(path, sizeof path, "/proc/sys/vm/%s", knob);
  int fd = MUST(open(path, O_WRONLY));
  int n = snprintf(text, sizeof text, "%ld\n", value);
  CHECK_EQ(write(fd, text, n), n);
  close(fd);
}

// The pools are the machine's: one test at a time.
static inline void LockPools(void) {
  int fd = open("/tmp/faultline-hugetlb.lock", O_CREAT | O_RDWR, 0666);
  if (fd >= 0) flock(fd, LOCK_EX);
}

// Runs `body` with a pool of exactly `pages` free pages, nobody else's.
static inline int WithPool(long pages, void (*body)(void)) {
  LockPools();
  if (MeminfoField("Hugepagesize:") <= 0 || Total() != 0) {
    printf("skipped: this machine's huge pages are in use, or it has none\n");
    return 0;
  }
  WriteVm("nr_hugepages", pages);
  int status = 0;
  if (Free() != pages) {
    printf("skipped: no memory for %ld huge pages\n", pages);
  } else {
    status = RunChild(body);
  }
  WriteVm("nr_overcommit_hugepages", 0);
  WriteVm("nr_hugepages", 0);
  return status != 0;
}

static inline char* MapHuge(size_t pages, int flags) {
  return (char*)MUST(mmap(NULL, pages * Huge(), kReadWrite, flags, -1, 0));
}

#define CHECK_POOL(want_free, want_reserved) \
  do {                                       \
    CHECK_EQ(Free(), want_free);             \
    CHECK_EQ(Reserved(), want_reserved);     \
  } while (0)

#endif  // FAULTLINE_TESTS_ABI_HUGETLB_H_
