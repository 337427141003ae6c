// The features that a handshake offers are not thereby asked for: without them
// addresses are rounded to pages, threads have no name, and fork tells nothing.

#include "tests/abi/uffd_threads.h"

static char* g_area;

static void Child(void) {
  // The child's copy of the range is an ordinary one.
  CHECK_EQ(g_area[kPage], 0);
  CHECK(!HasVmFlag(g_area, "um"));
}

int main(void) {
  g_area = Island(2, kReadWrite);
  int u = Uffd(0);
  Arm(u, g_area, 2 * kPage, kMissing);
  struct Toucher t;
  StartLoad(&t, g_area + 123);
  struct uffd_msg message = NextMessage(u);
  CHECK_PAGEFAULT(message, g_area, kLoadFlags);
  CHECK_EQ(message.arg.pagefault.feat.ptid, 0);
  CHECK_DONE(Copy(u, g_area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'a');
  Ok("a page's address and no thread");

  CHECK_EQ(RunChild(Child), 0);
  MUST(madvise(g_area, kPage, MADV_DONTNEED));
  MUST(munmap(g_area, 2 * kPage));
  CHECK(!HasMessage(u));
  Ok("fork, madvise and munmap wait for nobody");
  return 0;
}
