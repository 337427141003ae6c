// With EVENT_REMAP protection moves along; without, the pages at the new place
// are free. Since 6.13 (and 6.12's later releases) their marks are gone too.

#include "tests/abi/uffd_threads.h"

static char* Moved(int u, char* area, bool event) {
  char* to = Island(1, PROT_NONE);
  struct Reader reader;
  if (event) StartReader(&reader, u);
  CHECK_EQ(mremap(area, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
  if (event) CHECK_EQ(ReadMessage(&reader).event, UFFD_EVENT_REMAP);
  return to;
}

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(1, kReadWrite);
  area[0] = 'a';
  Arm(u, area, kPage, kWp);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  char* to = Moved(u, area, true);
  CHECK(HasVmFlag(to, "uw"));
  CHECK(IsProtected(to));
  struct Toucher t;
  StartStore(&t, to);
  CHECK_PAGEFAULT(NextMessage(u), to, kWpFlags);
  CHECK_EQ(WriteProtect(u, to, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("with the event");

  int plain = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  area = Island(1, kReadWrite);
  area[0] = 'a';
  Arm(plain, area, kPage, kWp);
  CHECK_EQ(WriteProtect(plain, area, kPage, kProtect), 0);
  to = Moved(plain, area, false);
  CHECK(!HasVmFlag(to, "uw"));
  to[0] = 'b';
  CHECK_EQ(to[0], 'b');
  CHECK(!HasMessage(plain));
  Ok("without");
  return 0;
}
