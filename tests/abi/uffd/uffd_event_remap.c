// EVENT_REMAP: mremap tells where memory went; the new place is registered, and
// faults there are reported.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_EVENT_REMAP);
  char* area = Island(2, kReadWrite);
  char* to = Island(2, PROT_NONE);
  Arm(u, area, 2 * kPage, kMissing);
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  struct Reader reader;
  StartReader(&reader, u);
  CHECK_EQ(
      mremap(area, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, to),
      to);
  struct uffd_msg message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_REMAP);
  CHECK_EQ(message.arg.remap.from, (uintptr_t)area);
  CHECK_EQ(message.arg.remap.to, (uintptr_t)to);
  CHECK_EQ(message.arg.remap.len, 2 * kPage);
  Ok("from, to and length");

  CHECK(HasVmFlag(to, "um"));
  CHECK_EQ(to[0], 'a');
  struct Toucher t;
  StartLoad(&t, to + kPage);
  CHECK_PAGEFAULT(NextMessage(u), to + kPage, kLoadFlags);
  CHECK_DONE(Copy(u, to + kPage, Letter('b'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'b');
  Ok("the new place is served");

  char* next = Island(1, PROT_NONE);
  StartReader(&reader, u);
  CHECK_EQ(mremap(to, 2 * kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, next),
           next);
  message = ReadMessage(&reader);
  CHECK_EQ(message.event, UFFD_EVENT_REMAP);
  CHECK_EQ(message.arg.remap.len, KernelSince(6, 15) ? kPage : 2 * kPage);
  Ok("and of one that shrinks first, the length");
  return 0;
}
