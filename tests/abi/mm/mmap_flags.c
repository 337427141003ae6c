// Flags of mmap and mprotect that are refused, ignored, or seen in smaps.
// Covers: guest_mm/calls/mmap.cc guest_mm/calls/mprotect.cc
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

enum { kSync = 0x80000, kNoReplace = 0x100000, kUnknown = 0x200 };
enum { kGrowsDown = 0x01000000, kGrowsUp = 0x02000000 };

static char* Map(int flags, int fd) {
  return (char*)mmap(NULL, 2 * kPage, kReadWrite, flags, fd, 0);
}

// The VmFlags line of the mapping at `start` has this flag.
static bool Has(const void* start, const char* flag) {
  FILE* smaps = fopen("/proc/self/smaps", "r");
  CHECK(smaps != NULL);
  char text[512], spaced[8];
  sprintf(spaced, " %s ", flag);
  bool here = false, has = false;
  while (fgets(text, sizeof text, smaps)) {
    char *begin, *end;
    if (sscanf(text, "%p-%p ", (void**)&begin, (void**)&end) == 2) {
      here = begin <= (char*)start && (char*)start < end;
    } else if (here && strncmp(text, "VmFlags:", 8) == 0) {
      has = strstr(text, spaced) != NULL;
    }
  }
  fclose(smaps);
  return has;
}

int main(void) {
  const int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
  int file = LetterFile(2);
  MUST(Map(MAP_SHARED_VALIDATE, file));
  CHECK_FAILS(Map(MAP_SHARED_VALIDATE | kUnknown, file), EOPNOTSUPP);
  CHECK_FAILS(Map(MAP_SHARED_VALIDATE | kSync, file), EOPNOTSUPP);
  CHECK_FAILS(Map(MAP_SHARED_VALIDATE | kNoReplace, file), EOPNOTSUPP);
  CHECK_FAILS(Map(MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1), EINVAL);
  MUST(Map(MAP_SHARED | kUnknown, file));
  MUST(Map(MAP_SHARED | kSync, file));
  MUST(Map(MAP_PRIVATE | kSync, file));
  Ok("only MAP_SHARED_VALIDATE looks for unknown flags");

  for (int type = 4; type < 8; type++)
    CHECK_FAILS(Map(type | MAP_ANONYMOUS, -1), EINVAL);
  CHECK_FAILS(Map(MAP_ANONYMOUS, -1), EINVAL);
  CHECK_FAILS(Map(0, file), EINVAL);
  MUST(mmap(NULL, kPage, -1, anonymous, -1, 0));
  Ok("there must be a type; rights may be anything");

  CHECK(Has(MUST(Map(anonymous | MAP_NORESERVE, -1)), "nr"));
  CHECK(Has(MUST(Map(MAP_SHARED | MAP_NORESERVE, file)), "nr"));
  CHECK(Has(MUST(Map(anonymous | MAP_LOCKED, -1)), "lo"));
  CHECK(Has(MUST(Map(anonymous, -1)), "ac"));
  CHECK(!Has(MUST(Map(anonymous | MAP_NORESERVE, -1)), "ac"));
  Ok("flags that smaps shows");

  CHECK_FAILS(Map(MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1), EINVAL);
  CHECK_FAILS(Map(MAP_SHARED | MAP_GROWSDOWN, file), EINVAL);
  CHECK_FAILS(Map(MAP_PRIVATE | MAP_GROWSDOWN, file), EINVAL);
  char* stack = MUST(Map(anonymous | MAP_GROWSDOWN, -1));
  CHECK(Has(stack, "gd"));
  CHECK_FAILS(mprotect(stack, kPage, kReadWrite | kGrowsUp), EINVAL);
  CHECK_FAILS(mprotect(stack, kPage, kReadWrite | kGrowsUp | kGrowsDown),
              EINVAL);
  MUST(mprotect(stack + kPage, kPage, PROT_READ | kGrowsDown));
  CHECK_EQ(Access(stack, true).signal, SIGSEGV);
  MUST(mprotect(stack + kPage, kPage, kReadWrite | kGrowsDown));
  CHECK_NO_FAULT(Write(stack));
  char* plain = Island(2, kReadWrite);
  CHECK_FAILS(mprotect(plain, kPage, PROT_READ | kGrowsDown), EINVAL);
  CHECK_FAILS(mprotect(plain, kPage, PROT_READ | kGrowsUp), EINVAL);
  CHECK_FAILS(mprotect(plain, kPage, 0x10), EINVAL);
  MUST(mprotect(plain, kPage, kReadWrite | 8));
  Ok("stacks, and mprotect of all of one");
}
