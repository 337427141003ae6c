// MADV_MERGEABLE marks private memory for a daemon that need not be running;
// of other memory it is ignored.
// Covers: guest_mm/calls/advice.cc plugin/linux/fs/proc/sys_knobs.cc

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

enum { kMergeable = 12, kUnmergeable = 13 };

// Is `word` among the VmFlags of the mapping?
static bool HasFlag(const void* start, const char* word) {
  FILE* f = fopen("/proc/self/smaps", "r");
  CHECK(f != NULL);
  char text[512];
  bool here = false, found = false;
  while (fgets(text, sizeof text, f)) {
    void *begin, *end;
    if (sscanf(text, "%p-%p ", &begin, &end) == 2) {
      here = begin == start;
    } else if (here && strncmp(text, "VmFlags:", 8) == 0) {
      found = strstr(text, word) != NULL;
    }
  }
  fclose(f);
  return found;
}

int main(void) {
  if (access("/sys/kernel/mm/ksm/run", F_OK) != 0) {
    Ok("nothing: this kernel merges no pages");
    return 0;
  }
  char* area = Island(4, kReadWrite);
  memset(area, 1, 4 * kPage);
  MUST(madvise(area, 4 * kPage, kMergeable));
  CHECK(HasFlag(area, " mg"));
  CHECK_EQ(CountMaps(area, 4 * kPage), 1);
  MUST(madvise(area, 2 * kPage, kUnmergeable));
  CHECK(!HasFlag(area, " mg"));
  CHECK(HasFlag(area + 2 * kPage, " mg"));
  MUST(madvise(area, 4 * kPage, kUnmergeable));
  CHECK_EQ(CountMaps(area, 4 * kPage), 1);
  CHECK_EQ(area[0], 1);
  Ok("private memory");

  char* shared = (char*)MUST(
      mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  MUST(madvise(shared, kPage, kMergeable));
  CHECK(!HasFlag(shared, " mg"));
  MUST(madvise(shared, kPage, kUnmergeable));
  CHECK_FAILS(madvise(area + 1, kPage, kMergeable), EINVAL);
  char* gone = Island(1, kReadWrite);
  MUST(munmap(gone, kPage));
  CHECK_FAILS(madvise(gone, kPage, kMergeable), ENOMEM);
  Ok("other memory");
}
