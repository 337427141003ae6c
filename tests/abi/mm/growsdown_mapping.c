// MAP_GROWSDOWN memory grows a page at a time or by leaps, and the rest of the
// hole is MAPERR only beyond its reach.
#include <sys/resource.h>

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static char* g_grown;

static void GrownPageIsThere(void) { CHECK_EQ(Resident(g_grown, 1), 1); }

int main(void) {
  char* area = Island(600, PROT_NONE);
  MUST(munmap(area, 600 * kPage));
  char* top = area + 598 * kPage;
  MUST(mmap(top, 2 * kPage, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0));
  CHECK_NO_FAULT(Write(top));
  CHECK_NO_FAULT(Write(top - 1));
  struct MapsLine line;
  CHECK(FindMap(top, &line));
  CHECK_EQ(line.start, top - kPage);
  Ok("by a page");
  CHECK_NO_FAULT(Write(top - 40 * kPage));
  CHECK(FindMap(top, &line));
  CHECK_EQ(line.start, top - 40 * kPage);
  CHECK_EQ(Resident(line.start, 40), 2);
  Ok("by a leap, pages between stay absent");
  CHECK_FAILS(mmap(NULL, kPage, kReadWrite,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0),
              EINVAL);
  Ok("not for shared memory");

  // Growth makes ready for anonymous pages, so that fork copies what is there,
  // though it is only the zero page.
  MUST(munmap(area, 600 * kPage));
  MUST(mmap(top, kPage, PROT_READ,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0));
  g_grown = top - kPage;
  CHECK_NO_FAULT(Read(g_grown));
  CHECK_EQ(RunChild(GrownPageIsThere), 0);
  Ok("a page read below is inherited");

  // That is so even where it may not grow.
  MUST(munmap(g_grown, 2 * kPage));
  g_grown = MUST(mmap(top, kPage, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN,
                      -1, 0));
  CHECK_NO_FAULT(Read(g_grown));
  struct rlimit none;
  MUST(getrlimit(RLIMIT_AS, &none));
  none.rlim_cur = 0;
  MUST(setrlimit(RLIMIT_AS, &none));
  CHECK_FAULT(Read(top - kPage), SIGSEGV, SEGV_MAPERR, top - kPage);
  none.rlim_cur = none.rlim_max;
  MUST(setrlimit(RLIMIT_AS, &none));
  CHECK_EQ(RunChild(GrownPageIsThere), 0);
  Ok("nor need it have grown");
}
